//! Plain objects for the events and results of calls other than those of the Images API.

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::blob::BlobImage;
use super::convert::{Record, to_js};
use super::records::{self, Causes, Records};
use crate::operation::{Event, Failed, Output};
use crate::responses::events::{Event as ResponseEvent, ImageDetails};
use crate::responses::result::{CallFailure, ResponseResult};

/// The records of all other calls.
pub const OTHERS: Records = Records { event, output, failed };

fn event(event: &Event<BlobImage>, causes: &Causes) -> Option<JsValue> {
    let Event::Response { sequence_number, event } = event else { return None };
    let record = Record::default();
    record.set_some("sequenceNumber", *sequence_number);
    write_response_event(&record, event, causes);
    Some(record.into())
}

fn output(output: Output<BlobImage>, causes: &Causes) -> JsValue {
    match output {
        Output::Images { .. } => JsValue::UNDEFINED,
        Output::Response(result) => response(&result, causes).into(),
        Output::Document { body, content_type, request_id } => {
            let record = Record::default();
            record.set("blob", body.blob);
            record.set_some("contentType", content_type);
            record.set_some("requestId", request_id);
            record.into()
        }
        Output::Report(report) => to_js(&report),
    }
}

fn failed(failed: &Failed<BlobImage>, causes: &Causes) -> JsValue {
    let record = Record::from(records::failed(failed, causes));
    record.set_some("response", failed.response.as_ref().map(|result| response(result, causes)));
    record.into()
}

fn write_response_event(record: &Record, event: &ResponseEvent<BlobImage>, causes: &Causes) {
    let write_call = |kind: &str, item_id: &str, output_index: u64| {
        record.set("type", kind);
        record.set("itemId", item_id);
        record.set("outputIndex", output_index);
    };
    let write_item = |kind: &str, item: &str, output_index: u64, is_earlier: bool| {
        record.set("type", kind);
        record.set("outputIndex", output_index);
        record.set("isEarlier", is_earlier);
        record.set("item", json(item));
    };
    match event {
        ResponseEvent::Status(status) => {
            record.set("type", "status");
            record.set("status", status.as_str());
        }
        ResponseEvent::TextDelta(delta) => {
            record.set("type", "textDelta");
            record.set("delta", delta.as_str());
        }
        ResponseEvent::Refusal(delta) => {
            record.set("type", "refusalDelta");
            record.set("delta", delta.as_str());
        }
        ResponseEvent::CallStatus { item_id, output_index, status } => {
            write_call("callStatus", item_id, *output_index);
            record.set("status", status.as_str());
        }
        ResponseEvent::PartialImage { index, item_id, output_index, image } => {
            write_call("partialImage", item_id, *output_index);
            record.set("index", *index);
            image.write(record);
        }
        ResponseEvent::Image { item_id, output_index, image, details, is_earlier } => {
            write_call("image", item_id, *output_index);
            write_details(record, details);
            record.set("isEarlier", *is_earlier);
            image.write(record);
        }
        ResponseEvent::CallFailed { item_id, output_index, failure } => {
            write_call("callFailed", item_id, *output_index);
            record.set("failure", causes.record(failure));
        }
        ResponseEvent::ToolCallDelta { item_id, output_index, name, delta } => {
            write_call("toolCallDelta", item_id, *output_index);
            record.set_some("name", name.as_deref());
            record.set("delta", delta.as_str());
        }
        ResponseEvent::ToolCall { output_index, item, images, is_earlier } => {
            write_item("toolCall", item, *output_index, *is_earlier);
            let image = |image: &BlobImage| {
                let record = Record::default();
                image.write(&record);
                JsValue::from(record)
            };
            record.set("images", images.iter().map(image).collect::<Vec<_>>());
        }
        ResponseEvent::ApprovalRequest { output_index, item, is_earlier } => {
            write_item("approvalRequest", item, *output_index, *is_earlier);
        }
        ResponseEvent::Citation { output_index, citation, is_earlier } => {
            write_item("citation", citation, *output_index, *is_earlier);
        }
    }
}

fn write_details(record: &Record, details: &ImageDetails) {
    let texts = [
        ("action", &details.action),
        ("revisedPrompt", &details.revised_prompt),
        ("size", &details.size),
        ("quality", &details.quality),
        ("background", &details.background),
        ("outputFormat", &details.output_format),
    ];
    for (name, text) in texts {
        record.set_some(name, text.as_deref());
    }
}

fn response(result: &ResponseResult, causes: &Causes) -> Record {
    let ResponseResult { summary, failures, warnings, request_id } = result;
    let record = Record::from(to_js(summary));
    record.set_some("failure", summary.failure.as_ref().map(|failure| causes.record(failure)));
    record.set_some("requestId", request_id.as_deref());
    let call_failure = |call: &CallFailure| {
        let record = Record::default();
        record.set("itemId", call.item_id.as_str());
        record.set("outputIndex", call.output_index);
        record.set("failure", causes.record(&call.failure));
        JsValue::from(record)
    };
    record.set("failures", failures.iter().map(call_failure).collect::<Vec<_>>());
    record.set("warnings", to_js(warnings));
    if summary.response.as_object().is_some() {
        record.set("raw", json(&summary.response.to_json()));
    }
    record
}

/// Returns the value of JSON text that the engine wrote, which cannot fail.
fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or_default()
}

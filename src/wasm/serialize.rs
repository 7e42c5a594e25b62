//! Serialization into plain JavaScript objects.

use std::fmt::Display;

use js_sys::Array;
use serde::ser::{Error, Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer};
use wasm_bindgen::JsValue;

use super::convert::Record;

/// Serializer for structs, sequences and primitive values. A `serde` crate for JavaScript would assign the properties
/// one by one, and accessors of a page on `Object.prototype` would intercept them.
pub struct ToJs;

/// Error of a type that is not supported.
#[derive(Debug)]
pub struct Unsupported;

impl Display for Unsupported {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("unsupported type")
    }
}

impl std::error::Error for Unsupported {}

impl Error for Unsupported {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

type Result<T = JsValue> = std::result::Result<T, Unsupported>;
type Never = Impossible<JsValue, Unsupported>;

/// Serializer of the fields of a struct.
pub struct Fields(Record);

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Unsupported;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.0.set(name, value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Result {
        Ok(self.0.into())
    }
}

/// Serializer of the elements of a sequence.
pub struct Elements(Array);

impl SerializeSeq for Elements {
    type Ok = JsValue;
    type Error = Unsupported;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.0.push(&value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Result {
        Ok(self.0.into())
    }
}

impl Serializer for ToJs {
    type Ok = JsValue;
    type Error = Unsupported;
    type SerializeSeq = Elements;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Never;

    fn serialize_bool(self, value: bool) -> Result {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result {
        Ok(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result {
        Ok((value as f64).into())
    }

    fn serialize_u8(self, value: u8) -> Result {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result {
        Ok((value as f64).into())
    }

    fn serialize_f32(self, value: f32) -> Result {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result {
        Ok(value.to_string().into())
    }

    fn serialize_str(self, value: &str) -> Result {
        Ok(value.into())
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result {
        Err(Unsupported)
    }

    fn serialize_none(self) -> Result {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result {
        Err(Unsupported)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Elements> {
        Ok(Elements(Array::new()))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Never> {
        Err(Unsupported)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Never> {
        Err(Unsupported)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Never> {
        Err(Unsupported)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Never> {
        Err(Unsupported)
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Fields> {
        Ok(Fields(Record::default()))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Never> {
        Err(Unsupported)
    }
}

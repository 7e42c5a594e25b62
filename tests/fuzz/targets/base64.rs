#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| azure_image_client_fuzz::checks::base64(input));

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| undrift_fuzz::format(text));

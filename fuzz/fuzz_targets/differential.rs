#![no_main]

libfuzzer_sys::fuzz_target!(
    |input: &[u8]| wfe_webhook_fuzz::properties::differential::holds(input)
);

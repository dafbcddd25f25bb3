//! The patch engine under libFuzzer: any bytes become files and a patch, and every law of the engine is checked on them.

#![no_main]

mod case;
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(case) = case::of(bytes) else { return };
    if std::env::var_os("SHOW").is_some() {
        eprintln!("{:?}\n{}", case.files, case.text);
    }
    laws::text(&case.text);
    laws::plan(&case.files, &case.text);
    if let Some(expected) = &case.expected {
        laws::exact(&case.files, &case.text, expected);
    }
});

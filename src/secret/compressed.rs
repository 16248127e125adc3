//! Texts that are compressed, in base64, as `base64gzip` makes them for the scripts of machines.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;

/// How gzip begins, in base64.
pub(super) const START: &str = "H4sI";

/// The text that a value stands for.
pub(super) fn unpacked(value: &str) -> Option<String> {
    const LONGEST: u64 = 1 << 20;
    let value = value.trim();
    if !value.starts_with(START) {
        return None;
    }
    let packed = STANDARD.decode(value).ok()?;
    let mut text = String::new();
    let mut all = GzDecoder::new(&*packed).take(LONGEST);
    all.read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::unpacked;

    #[test]
    fn what_terraform_packs_is_unpacked() {
        // `base64gzip("export DB_PASSWORD=violin77")`
        let packed = "H4sIAAAAAAAA/0qtKMgvKlFwcYoPcAwODvcPcrEty8zPycwzNwcAAAD//wEAAP//gkwukRsAAAA=";
        for text in ["", "H4sI", "H4sIAAAA", "ZXhwb3J0"] {
            assert_eq!(unpacked(text), None, "{text}");
        }
        assert_eq!(
            unpacked(packed).as_deref(),
            Some("export DB_PASSWORD=violin77")
        );
    }
}

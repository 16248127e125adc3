//! Whether a text shows a piece of a secret: some characters of it in a row, forwards or backwards, in whatever case.

/// How many in a row tell.
const RUN: usize = 8;

/// Whether one text holds a piece of another that is a secret.
pub fn has_piece(text: &str, secret: &str) -> bool {
    let secret = secret.to_ascii_lowercase().into_bytes();
    let backwards: Vec<u8> = secret.iter().rev().copied().collect();
    let text = text.to_ascii_lowercase().into_bytes();
    let is_in = |run: &[u8], of: &[u8]| of.windows(RUN).any(|one| one == run);
    text.windows(RUN)
        .any(|run| is_in(run, &secret) || is_in(run, &backwards))
}

#[cfg(test)]
mod tests {
    use super::has_piece;

    #[test]
    fn pieces_are_told() {
        let secret = "orchard-Lute-violet52";
        for text in [
            "orchard-Lute-",
            "25teloiv-etuL-drahcro",
            "refused: ORCHARD_LUTE_VIOLET52",
            "orchard-",
        ] {
            assert!(has_piece(text, secret), "{text}");
        }
        for text in ["app", "orchard", "lute", "8f14e45fceea167a", ""] {
            assert!(!has_piece(text, secret), "{text}");
        }
    }
}

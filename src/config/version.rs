//! Versions, and constraints on them: `>= 1.2, < 2.0`.

/// `1.2.0-beta`
pub struct Version<'a> {
    /// As many as are written.
    pub numbers: Vec<u64>,
    /// What goes before a release.
    pub suffix: &'a str,
}

impl<'a> Version<'a> {
    /// Reads one, as far as it can be read.
    pub fn of(text: &'a str) -> Self {
        let text = text.trim().trim_start_matches('v');
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, suffix) = text.split_once('-').unwrap_or((text, ""));
        Self {
            numbers: numbers
                .split('.')
                .map_while(|number| number.trim().parse().ok())
                .collect(),
            suffix,
        }
    }

    /// Its numbers, with zeros for those that are left out.
    pub fn padded(&self) -> [u64; 4] {
        std::array::from_fn(|at| self.numbers.get(at).copied().unwrap_or(0))
    }
}

/// The parts of a constraint, all of which must hold: an operator, empty where none is written, and a version.
pub fn parts(constraint: &str) -> impl Iterator<Item = (&str, Version<'_>)> {
    constraint.split(',').map(str::trim).map(|part| {
        let version = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        let operator = part[..part.len() - version.len()].trim_end_matches('v');
        (operator.trim(), Version::of(version))
    })
}

/// Whether a text is a constraint: `>= 1.2, != 1.4.0, ~> 1.0-beta`.
pub fn is_constraint(text: &str) -> bool {
    text.split(',').all(|one| {
        let version = one
            .trim()
            .trim_start_matches(['=', '!', '>', '<', '~'])
            .trim_start();
        let version = version.strip_prefix('v').unwrap_or(version);
        let numbers = version.split(['-', '+']).next().unwrap_or_default();
        !numbers.is_empty()
            && numbers
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    })
}

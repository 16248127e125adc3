//! Functions that not every version has: from which one on, as the release notes of Terraform and OpenTofu say.

/// The first versions that have a function, where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// Terraform's.
    pub terraform: Option<(u32, u32)>,
    /// OpenTofu's; its first version, 1.6, has all that Terraform 1.5 has.
    pub opentofu: Option<(u32, u32)>,
}

const FIRST_OPENTOFU: (u32, u32) = (1, 6);

/// The family that tells OpenTofu what to assume of a value.
const ASSUME: Since = opentofu_only((1, 13));

/// By name, in alphabetical order.
const SINCE: [(&str, Since); 19] = [
    ("alltrue", old((0, 14))),
    ("anytrue", old((0, 14))),
    ("base64gunzip", opentofu_only((1, 7))),
    ("cidrcontains", opentofu_only((1, 7))),
    ("endswith", old((1, 3))),
    ("ephemeralasnull", both((1, 10), (1, 11))),
    ("issensitive", both((1, 8), (1, 7))),
    ("nonsensitive", old((0, 15))),
    ("one", old((0, 15))),
    ("plantimestamp", old((1, 5))),
    ("sensitive", old((0, 15))),
    ("startswith", old((1, 3))),
    ("strcontains", old((1, 5))),
    ("sum", old((0, 13))),
    ("templatestring", both((1, 9), (1, 7))),
    ("textdecodebase64", old((0, 14))),
    ("textencodebase64", old((0, 14))),
    ("timecmp", old((1, 3))),
    ("urldecode", opentofu_only((1, 7))),
];

const fn both(terraform: (u32, u32), opentofu: (u32, u32)) -> Since {
    Since {
        terraform: Some(terraform),
        opentofu: Some(opentofu),
    }
}

const fn old(terraform: (u32, u32)) -> Since {
    both(terraform, FIRST_OPENTOFU)
}

const fn opentofu_only(opentofu: (u32, u32)) -> Since {
    Since {
        terraform: None,
        opentofu: Some(opentofu),
    }
}

impl Since {
    /// What is known of a function; none where every version since 0.13 has it.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.strip_prefix("core::").unwrap_or(name);
        if name.starts_with("assume") {
            return Some(ASSUME);
        }
        let found = SINCE.iter().find(|(known, _)| *known == name);
        found.map(|(_, since)| *since)
    }
}

impl std::fmt::Display for Since {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let version = |(major, minor): (u32, u32)| format!("{major}.{minor}");
        match (self.terraform, self.opentofu) {
            (Some(terraform), _) => write!(f, "Terraform has it since {}", version(terraform)),
            (None, Some(opentofu)) => write!(f, "OpenTofu has it since {}", version(opentofu)),
            (None, None) => f.write_str("nobody has it"),
        }
    }
}

//! What a waiver is for: an address or a variable, with `*` and `?` inside a step.
//!
//! | target | matches |
//! |---|---|
//! | `aws_lb_listener.http` | every instance of it, and whatever is found in one of its attributes |
//! | `aws_lb_listener.http[0]`, `aws_lb.main["eu"]` | that instance only |
//! | `aws_lb.main["eu-*"]`, `aws_lb.main[*]` | the instances whose key the pattern matches; every one |
//! | `aws_lb_listener.*` | every listener of the root module |
//! | `module.alb` | everything in every instance of that call |
//! | `var.force_http_forwarding` | that variable of the root module |
//!
//! A step never matches a dot: `module.*` does not reach into `module.a.module.b.aws_lb.main` otherwise than by
//! standing before it. What is no address is matched as a whole: an endpoint's URL, a path, a word such as `locals`.
//! `./` before a path means nothing, and tells a path from an address.

use std::fmt;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::address::{InstanceKey, ModuleInstance, PathStep, ResourceAddress, ResourceMode};
use crate::plan::Subject;

/// What a waiver is for.
#[derive(Clone, Debug)]
pub struct Target {
    text: Arc<str>,
    pattern: Pattern,
}

#[derive(Clone, Debug)]
enum Pattern {
    Address(Vec<Step>),
    Text(GlobMatcher),
}

/// `name[key]`, both with wildcards.
#[derive(Clone, Debug)]
struct Step {
    name: String,
    matcher: GlobMatcher,
    keys: Vec<Key>,
}

#[derive(Clone, Debug)]
enum Key {
    Any,
    Index(u64),
    Text(GlobMatcher),
}

/// A step of what is matched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    keys: Vec<InstanceKey>,
}

/// First steps that say what kind of object follows.
const KEYWORDS: [&str; 5] = ["module", "data", "ephemeral", "var", "output"];

impl Target {
    /// Reads a target.
    ///
    /// # Errors
    /// What is wrong with it: a fact, lower case.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("a target names an address or a variable".to_owned());
        }
        let outside = without_keys(text);
        let pattern = if outside.contains([' ', '/', ':', '(']) {
            // The method that goes without saying.
            let asked = text.strip_prefix("GET ").unwrap_or(plain_path(text));
            Pattern::Text(glob(asked)?)
        } else {
            let steps = steps(text)?;
            match steps.as_slice() {
                [one] if one.is_plain_word() => Pattern::Text(glob(text)?),
                _ => {
                    complete(&steps)?;
                    Pattern::Address(steps)
                }
            }
        };
        let text = text.into();
        Ok(Self { text, pattern })
    }

    /// Whether it says so little that it would hide what nobody thought of: no step of it is a name.
    pub fn is_too_broad(&self) -> bool {
        match &self.pattern {
            Pattern::Address(steps) => !steps.iter().enumerate().any(|(at, step)| {
                let is_module_name = at % 2 == 1 && steps[at - 1].name == "module";
                let is_keyword = !is_module_name && KEYWORDS.contains(&step.name.as_str());
                !is_keyword && !step.name.contains(['*', '?'])
            }),
            Pattern::Text(_) if !self.text.contains(['*', '?']) => false,
            Pattern::Text(_) => {
                let words = self.text.split(|c: char| !c.is_ascii_alphanumeric());
                let telling = |word: &str| {
                    let lower = word.to_ascii_lowercase();
                    word.len() > 2 && !matches!(&*lower, "http" | "https" | "get" | "post" | "www")
                };
                !words.into_iter().any(telling)
            }
        }
    }

    /// What may have been meant where it matches nothing.
    pub fn hint(&self) -> Option<String> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let looks_like_type = self.text.contains('_') && self.text.chars().all(is_word);
        if looks_like_type {
            return Some(format!("`{}.*` stands for all of that type", self.text));
        }
        let is_url = self.text.starts_with("https://") || self.text.starts_with("http://");
        is_url.then(|| {
            format!(
                "a request that is no GET is named with its method: `POST {}`",
                self.text
            )
        })
    }

    /// Whether a finding about this subject is meant.
    pub fn matches(&self, subject: &Subject) -> bool {
        let whole = subject.to_string();
        match &self.pattern {
            Pattern::Text(matcher) => matcher.is_match(plain_path(&whole)),
            Pattern::Address(steps) => {
                let parts = parts(subject).unwrap_or_default();
                parts.len() >= steps.len()
                    && steps
                        .iter()
                        .zip(&parts)
                        .all(|(step, part)| step.matches(part))
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Step {
    /// Neither a pattern nor what says that a name follows.
    fn is_plain_word(&self) -> bool {
        let is_keyword = KEYWORDS.contains(&self.name.as_str());
        !is_keyword && self.keys.is_empty() && !self.name.contains(['*', '?'])
    }

    /// A step without a key stands for every instance.
    fn matches(&self, part: &Part) -> bool {
        self.matcher.is_match(&part.name)
            && self.keys.len() <= part.keys.len()
            && self
                .keys
                .iter()
                .zip(&part.keys)
                .all(|(pattern, key)| pattern.matches(key))
    }
}

impl Key {
    /// `[*]` of a subject stands for instances that are not known: only a pattern for all of them is meant for it.
    fn matches(&self, key: &InstanceKey) -> bool {
        match (self, key) {
            (Self::Any, _) => true,
            (Self::Index(wanted), InstanceKey::Index(index)) => wanted == index,
            (Self::Text(wanted), InstanceKey::Key(key)) => wanted.is_match(&**key),
            _ => false,
        }
    }
}

/// A pattern in which nothing but `*` and `?` is special.
fn glob(text: &str) -> Result<GlobMatcher, String> {
    let mut pattern = String::new();
    for c in text.chars() {
        if matches!(c, '*' | '?') {
            pattern.push(c);
        } else {
            pattern.push_str(&globset::escape(c.encode_utf8(&mut [0; 4])));
        }
    }
    GlobBuilder::new(&pattern)
        .backslash_escape(false)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|_| format!("`{text}` is no pattern"))
}

/// A path less `./` at its beginning.
fn plain_path(text: &str) -> &str {
    text.strip_prefix("./").unwrap_or(text)
}

/// The text less what stands in brackets.
fn without_keys(text: &str) -> String {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut out = String::new();
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// The steps of a pattern.
fn steps(text: &str) -> Result<Vec<Step>, String> {
    let pattern_key = |raw: &RawKey| {
        Ok(match raw {
            RawKey::Bare(bare) if bare == "*" => Key::Any,
            RawKey::Bare(bare) => Key::Index(bare.parse().map_err(|_| {
                format!("`[{bare}]` is no key: write `[0]`, `[\"name\"]` or `[*]`")
            })?),
            RawKey::Quoted(quoted) => Key::Text(glob(quoted)?),
        })
    };
    let mut steps = Vec::new();
    for (name, keys) in split(text).ok_or_else(|| format!("`{text}` is no address"))? {
        let is_written = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '?');
        if name.is_empty() || !name.chars().all(is_written) {
            return Err(format!("`{text}` is no address"));
        }
        steps.push(Step {
            matcher: glob(&name)?,
            keys: keys
                .iter()
                .map(pattern_key)
                .collect::<Result<_, String>>()?,
            name,
        });
    }
    Ok(steps)
}

/// An address has a type and a name, a variable a name.
fn complete(steps: &[Step]) -> Result<(), String> {
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    let mut rest = names.as_slice();
    while let ["module", _, below @ ..] = rest {
        rest = below;
    }
    match rest {
        [] | ["*"] | ["var" | "output", _, ..] | ["data" | "ephemeral", _, _, ..] => Ok(()),
        [one] if KEYWORDS.contains(one) => Err(format!("a name is missing after `{one}`")),
        ["data" | "ephemeral", _] | [_] => {
            let whole = names.join(".");
            Err(format!(
                "`{whole}` is no address: `{whole}.*` stands for all of that type"
            ))
        }
        [..] => Ok(()),
    }
}

enum RawKey {
    Bare(String),
    Quoted(String),
}

/// Names between dots, each with its keys; none if the brackets do not fit.
fn split(text: &str) -> Option<Vec<(String, Vec<RawKey>)>> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| !matches!(c, '.' | '[')) {
            name.push(c);
        }
        let mut keys = Vec::new();
        while chars.next_if_eq(&'[').is_some() {
            let mut key = String::new();
            if chars.next_if_eq(&'"').is_some() {
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => key.push(match chars.next()? {
                            'n' => '\n',
                            'r' => '\r',
                            't' => '\t',
                            c => c,
                        }),
                        c => {
                            // What would begin a template is written twice.
                            let mut ahead = chars.clone();
                            let is_twice = matches!(c, '$' | '%')
                                && ahead.next() == Some(c)
                                && ahead.next() == Some('{');
                            if is_twice {
                                chars.next();
                            }
                            key.push(c);
                        }
                    }
                }
                (chars.next()? == ']').then_some(())?;
                keys.push(RawKey::Quoted(key));
            } else {
                loop {
                    match chars.next()? {
                        ']' => break,
                        c => key.push(c),
                    }
                }
                keys.push(RawKey::Bare(key));
            }
        }
        found.push((name, keys));
        match chars.next() {
            None => return Some(found),
            Some('.') => {}
            Some(_) => return None,
        }
    }
}

/// The steps of what a finding is about.
fn parts(subject: &Subject) -> Option<Vec<Part>> {
    let part = |name: &str, key: Option<&InstanceKey>| Part {
        name: name.to_owned(),
        keys: key.into_iter().cloned().collect(),
    };
    let of_module = |module: &ModuleInstance| -> Vec<Part> {
        let steps = module.0.iter();
        steps
            .flat_map(|step| [part("module", None), part(&step.name, step.key.as_ref())])
            .collect()
    };
    let of_address = |address: &ResourceAddress, key: Option<&InstanceKey>| {
        let mut parts = of_module(&address.module);
        match address.resource.mode {
            ResourceMode::Managed => {}
            ResourceMode::Data => parts.push(part("data", None)),
            ResourceMode::Ephemeral => parts.push(part("ephemeral", None)),
        }
        parts.push(part(&address.resource.kind, None));
        parts.push(part(&address.resource.name, key));
        parts
    };
    Some(match subject {
        Subject::Attribute(address, path) => {
            let mut parts = of_address(address, address.key.as_ref());
            for step in &path.0 {
                match step {
                    PathStep::Attribute(name) => parts.push(part(name, None)),
                    PathStep::Index(index) => {
                        let last = parts.last_mut()?;
                        last.keys.push(InstanceKey::Index(*index as u64));
                    }
                }
            }
            parts
        }
        Subject::Expansion(address) => of_address(address, None),
        Subject::Variable(module, name) => {
            let mut parts = of_module(module);
            parts.extend([part("var", None), part(name, None)]);
            parts
        }
        Subject::Local(module, name) => {
            let mut parts = of_module(module);
            parts.extend([part("local", None), part(name, None)]);
            parts
        }
        Subject::ModuleOutput(module, name) => {
            let mut parts = of_module(module);
            parts.push(part(name, None));
            parts
        }
        Subject::Calls(module) => of_module(module),
        Subject::Provider(module, label, _) => {
            let mut parts = of_module(module);
            parts.push(part("provider", None));
            parts.extend(label.split('.').map(|name| part(name, None)));
            parts
        }
        Subject::Output(name) => vec![part("output", None), part(name, None)],
        Subject::Text(text) => {
            let parts = split(text)?.into_iter().map(|(name, keys)| {
                let keys = keys.into_iter().map(|key| match key {
                    RawKey::Quoted(key) => Some(InstanceKey::Key(key.into())),
                    RawKey::Bare(key) if key == "*" => Some(InstanceKey::Any),
                    RawKey::Bare(key) => key.parse().ok().map(InstanceKey::Index),
                });
                Some(Part {
                    name,
                    keys: keys.collect::<Option<_>>()?,
                })
            });
            parts.collect::<Option<_>>()?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::address::{AttributePath, Resource};

    fn subject(text: &str) -> Subject {
        Subject::Text(text.into())
    }

    fn matches(target: &str, about: &str) -> bool {
        Target::parse(target).unwrap().matches(&subject(about))
    }

    #[test]
    fn an_address_without_key_is_every_instance_and_what_is_in_it() {
        for about in [
            "aws_lb_listener.http",
            "aws_lb_listener.http[0]",
            "aws_lb_listener.http[\"a.b\"]",
            "aws_lb_listener.http[0].default_action[0].type",
        ] {
            assert!(matches("aws_lb_listener.http", about), "{about}");
        }
        for about in [
            "aws_lb_listener.https",
            "aws_lb_listener.http2[0]",
            "module.a.aws_lb_listener.http",
            "data.aws_lb_listener.http",
            "aws_lb.http",
        ] {
            assert!(!matches("aws_lb_listener.http", about), "{about}");
        }
    }

    #[test]
    fn brackets_are_keys_and_no_character_classes() {
        assert!(matches("aws_lb.a[0]", "aws_lb.a[0]"));
        assert!(!matches("aws_lb.a[0]", "aws_lb.a0"));
        assert!(!matches("aws_lb.a[0]", "aws_lb.a[1]"));
        assert!(!matches("aws_lb.a[0]", "aws_lb.a[*]"));
        assert!(!matches("aws_lb.a[0]", "aws_lb.a"));
        assert!(matches("aws_lb.a[*]", "aws_lb.a[*]"));
        assert!(matches("aws_lb.a[*]", "aws_lb.a[\"x\"]"));
        assert!(matches("aws_lb.a[\"eu-*\"]", "aws_lb.a[\"eu-west.1\"]"));
        assert!(!matches("aws_lb.a[\"eu-*\"]", "aws_lb.a[\"us-1\"]"));
        assert!(matches("aws_lb.a[\"[x]{y}\"]", "aws_lb.a[\"[x]{y}\"]"));
        assert!(!matches("aws_lb.a[\"[x]\"]", "aws_lb.a[\"x\"]"));
        assert!(!matches("aws_lb.a[\"0\"]", "aws_lb.a[0]"));
    }

    #[test]
    fn a_wildcard_stays_within_its_step() {
        assert!(matches("aws_lb_listener.*", "aws_lb_listener.http[0].port"));
        assert!(!matches("aws_*.main", "aws_lb.other.main"));
        assert!(!matches("*.main", "module.a.aws_lb.main"));
        assert!(matches("module.alb", "module.alb[\"eu\"].aws_lb.main"));
        assert!(!matches(
            "module.alb[\"us\"]",
            "module.alb[\"eu\"].aws_lb.main"
        ));
        assert!(matches("module.*.aws_lb.main", "module.alb.aws_lb.main"));
        assert!(!matches(
            "module.*.aws_lb.main",
            "module.a.module.b.aws_lb.main"
        ));
        assert!(matches("var.force_*", "var.force_http_forwarding"));
        assert!(!matches(
            "var.force_*",
            "module.a.var.force_http_forwarding"
        ));
    }

    #[test]
    fn texts_are_matched_as_a_whole() {
        let url = "POST https://api.example.com/webhooks/stripe";
        assert!(matches("POST https://api.example.com/webhooks/*", url));
        assert!(!matches("https://api.example.com/webhooks/stripe", url));
        assert!(!matches("POST https://api.example.com/webhooks", url));
        assert!(matches("GET https://a.example/x", "https://a.example/x"));
        assert!(!matches(
            "GET https://a.example/x",
            "POST https://a.example/x"
        ));
        assert!(matches("locals", "locals"));
        assert!(!matches("locals", "locals.x"));
        assert!(matches("aws_iam_role", "aws_iam_role"));
        assert!(!matches("aws_iam_role", "aws_iam_role.x"));
        assert!(matches("./.tfstate", ".tfstate"));
        assert!(matches("src", "./src"));
        assert!(matches("./a.b/c", "a.b/c"));
        assert!(matches("a.(a name)", "a.(a name)"));
        assert!(matches("a", "a") && !Target::parse("a").unwrap().is_too_broad());
        assert_eq!(Target::parse("locals").unwrap().hint(), None);
        let hint = Target::parse("aws_lb").unwrap().hint();
        assert!(hint.unwrap().contains("`aws_lb.*`"));
        let hint = Target::parse("https://a.example/x").unwrap().hint();
        assert!(hint.unwrap().contains("`POST https://a.example/x`"));
    }

    #[test]
    fn typed_subjects_are_like_their_text() {
        let address = ResourceAddress {
            module: ModuleInstance::root()
                .child(&"alb".into(), Some(InstanceKey::Key("e]u".into()))),
            resource: Resource {
                mode: ResourceMode::Data,
                kind: "aws_lb".into(),
                name: "main".into(),
            },
            key: Some(InstanceKey::Index(3)),
        };
        let path = AttributePath::attribute("tags")
            .with_index(1)
            .with_attribute("a");
        let typed = Subject::Attribute(Arc::new(address), path);
        assert_eq!(parts(&typed), parts(&subject(&typed.to_string())));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for text in [
            "",
            " ",
            "aws_*",
            "aws_lb[0]",
            "var",
            "module",
            "data.aws_lb",
            "a..b",
            "a.b[",
            "a.b[x]",
            "a.b[0",
            "a.b]",
            "a.b[\"x]",
            "aws_{lb,x}.main",
            ".a",
            "a.",
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_target_without_a_name_is_too_broad() {
        let broad = |text: &str| Target::parse(text).unwrap().is_too_broad();
        for text in [
            "*",
            "*.*",
            "var.*",
            "module.*",
            "aws_*.*",
            "module.*.aws_lb*.*",
            "data.*.*",
            "https://*",
            "*:*",
        ] {
            assert!(broad(text), "{text}");
        }
        for text in [
            "var.x",
            "aws_lb.*",
            "*.main",
            "module.alb.*",
            "module.module",
            "https://api.example.com/*",
        ] {
            assert!(!broad(text), "{text}");
        }
    }

    fn name() -> impl Strategy<Value = String> {
        "[a-z][a-z0-9_-]{0,6}"
    }

    fn key() -> impl Strategy<Value = Option<InstanceKey>> {
        prop_oneof![
            Just(None),
            (0_u64..30).prop_map(|index| Some(InstanceKey::Index(index))),
            // Whatever may stand in a key, but for the wildcards.
            "[^*?\\p{C}]{0,6}".prop_map(|key| Some(InstanceKey::Key(key.into()))),
        ]
    }

    fn address() -> impl Strategy<Value = ResourceAddress> {
        let modules = prop::collection::vec((name(), key()), 0..3);
        (modules, name(), name(), key()).prop_map(|(modules, kind, name, key)| {
            let root = ModuleInstance::root();
            let child =
                |module: ModuleInstance, (name, key): (String, _)| module.child(&name.into(), key);
            ResourceAddress {
                module: modules.into_iter().fold(root, child),
                resource: Resource {
                    mode: ResourceMode::Managed,
                    kind: format!("aws_{kind}").into(),
                    name: name.into(),
                },
                key,
            }
        })
    }

    proptest! {
        /// An address is a target that matches itself, and what lies in it.
        #[test]
        fn an_address_matches_itself(address in address()) {
            let target = Target::parse(&address.to_string()).unwrap();
            prop_assert!(!target.is_too_broad());
            let address = Arc::new(address);
            for path in [AttributePath::default(), AttributePath::attribute("a").with_index(0)] {
                prop_assert!(target.matches(&Subject::Attribute(Arc::clone(&address), path)));
            }
        }

        /// Of two addresses one is the target of the other only if they differ in keys that are left out.
        #[test]
        fn an_address_matches_no_other(one in address(), other in address()) {
            let bare = |address: &ResourceAddress| {
                let path: Vec<String> = address.module.path().map(str::to_owned).collect();
                (path, address.resource.clone())
            };
            let target = Target::parse(&one.to_string()).unwrap();
            let is_matched = target.matches(&Subject::Attribute(Arc::new(other.clone()), AttributePath::default()));
            prop_assert!(!is_matched || bare(&one) == bare(&other));
            prop_assert!(!is_matched || one.key.is_none() || one.key == other.key);
        }

        /// No text makes reading a target panic.
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(target) = Target::parse(&text) {
                let _ = (target.is_too_broad(), target.matches(&subject("aws_lb.main[0]")));
            }
        }
    }
}

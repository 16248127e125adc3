//! What exists already, as the AWS CLI lists it: `aws … list-*` and `describe-*`, printed as JSON. The kind of a listing is
//! told by what is in it, never by the name of its file.
//!
//! An inventory only says what it was shown. Which types, and which parents, a listing covers is kept, so that something
//! that no listing is about is never taken for absent.

mod document;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::provider::unique::{Case, ImportId, Unique};
use shapes::{SHAPES, Shape};

/// Listings, put together.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    existing: BTreeMap<&'static str, Vec<Existing>>,
    /// Types that were listed, and whether to the end.
    listed: BTreeMap<&'static str, Extent>,
    /// Parents whose children were listed, by the type of the children.
    parents: BTreeSet<(&'static str, Arc<str>)>,
}

/// Something that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its name, or the number that stands for one.
    pub name: Arc<str>,
    /// The id that an import takes and that its children name it by, where the listing tells.
    pub id: Option<Arc<str>>,
    /// What it is within: a load balancer's ARN, a cluster's name.
    pub parent: Option<Arc<str>>,
    /// What else tells it from others of its name: a record's type, whether a zone is private.
    pub variant: Option<Arc<str>>,
    /// The region of its ARN.
    pub region: Option<Arc<str>>,
    /// It is being deleted, and keeps its name until then.
    pub leaving: bool,
}

/// How much a listing covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// More would follow.
    Begun,
    /// Everything.
    Whole,
}

/// A listing that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// The file could not be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It is no JSON.
    #[error("`{}` is no JSON (line {line})", path.display())]
    NotJson {
        /// As given.
        path: PathBuf,
        /// Where reading ended.
        line: usize,
    },
    /// An object has two members of one name, and nobody can say which counts.
    #[error("`{}` has two members of one name in one object (line {line})", path.display())]
    Doubled {
        /// As given.
        path: PathBuf,
        /// Where the second one stands.
        line: usize,
    },
    /// An entry of a list is not as the AWS CLI prints it.
    #[error("`{}`: `{list}[{at}]` is not as `aws {command}` prints it", path.display())]
    Entry {
        /// As given.
        path: PathBuf,
        /// The key of the list.
        list: String,
        /// Which of its entries, from 0.
        at: usize,
        /// What prints such a list.
        command: &'static str,
    },
    /// It lists nothing that is known here.
    #[error("`{}` is no listing of the AWS CLI that is known here", path.display())]
    Foreign {
        /// As given.
        path: PathBuf,
    },
    /// An empty list of which nothing tells what it would list.
    #[error("`{}` is empty, and nothing tells what it lists: `{list}` is printed by several commands", path.display())]
    Ambiguous {
        /// As given.
        path: PathBuf,
        /// The key.
        list: String,
    },
}

/// What asks for an object: its type, name and surroundings, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its type.
    pub unique: &'static Unique,
    /// Its name.
    pub name: &'a str,
    /// What it is within, as listings name it.
    pub parent: Option<&'a str>,
    /// What else tells it from others of its name.
    pub variant: Option<&'a str>,
    /// The region that it will be in.
    pub region: Option<&'a str>,
}

/// What an inventory says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It exists; several where the name is not unique.
    Exists(Vec<&'a Existing>),
    /// It does not.
    Absent,
    /// No listing is about it, or not to the end.
    NotListed,
}

impl Inventory {
    /// Adds the listings of a file.
    ///
    /// # Errors
    /// Where it cannot be read, or lists nothing that is known here.
    pub fn add_file(&mut self, path: &Path) -> Result<(), InventoryError> {
        let bytes = std::fs::read(path).map_err(|error| InventoryError::Unreadable {
            path: path.to_path_buf(),
            reason: error.to_string(),
        })?;
        self.add(&crate::source::decode(bytes), path)
    }

    /// Adds listings: one JSON document, several one after the other, or an array of them.
    ///
    /// # Errors
    /// Where it is no JSON, says two things at once, has an entry that is not as the AWS CLI prints it, or lists nothing
    /// that is known here.
    pub fn add(&mut self, text: &str, path: &Path) -> Result<(), InventoryError> {
        let path = path.to_path_buf();
        let mut listings = 0;
        for document in document::read(text, &path)? {
            let documents = match document {
                Json::Array(documents) => documents,
                document => vec![document],
            };
            for document in &documents {
                self.listing(document, &path)?;
                listings += 1;
            }
        }
        match listings {
            0 => Err(InventoryError::Foreign { path }),
            _ => Ok(()),
        }
    }

    /// Whether there is any listing of a type.
    pub fn lists(&self, kind: &str) -> bool {
        self.listed.contains_key(kind)
    }

    /// What it says of an object.
    pub fn standing(&self, wanted: Wanted<'_>) -> Standing<'_> {
        let kind = wanted.unique.kind;
        let all = self.existing.get(kind).map(Vec::as_slice);
        let found: Vec<&Existing> = all
            .unwrap_or_default()
            .iter()
            .filter(|one| is(one, wanted))
            .collect();
        if !found.is_empty() {
            return Standing::Exists(found);
        }
        let parent_is_listed = match (wanted.unique.parent, wanted.parent) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(parent)) => self.parents.contains(&(kind, parent.into())),
        };
        match self.listed.get(kind) {
            Some(Extent::Whole) if parent_is_listed => Standing::Absent,
            _ => Standing::NotListed,
        }
    }

    fn listing(&mut self, document: &Json, path: &Path) -> Result<(), InventoryError> {
        let foreign = || InventoryError::Foreign {
            path: path.to_path_buf(),
        };
        let object = document.as_object().ok_or_else(foreign)?;
        let extent = if is_begun(document) {
            Extent::Begun
        } else {
            Extent::Whole
        };
        let mut known = false;
        for (list, elements) in object {
            let Json::Array(elements) = elements else {
                continue;
            };
            let shapes: Vec<&Shape> = SHAPES.iter().filter(|shape| shape.list == list).collect();
            let fitting: Vec<&Shape> = match elements.first() {
                Some(first) => shapes
                    .into_iter()
                    .filter(|shape| shape.fits(first, document))
                    .collect(),
                None if shapes.iter().all(|one| one.command == shapes[0].command) => shapes,
                None => {
                    return Err(InventoryError::Ambiguous {
                        path: path.to_path_buf(),
                        list: list.clone(),
                    });
                }
            };
            for shape in fitting {
                known = true;
                let mut unlike = elements.iter();
                if let Some(at) = unlike.position(|one| !shape.fits(one, document)) {
                    return Err(InventoryError::Entry {
                        path: path.to_path_buf(),
                        list: list.clone(),
                        at,
                        command: shape.command,
                    });
                }
                self.covered(shape, extent);
                for element in elements {
                    self.element(shape, element, document);
                }
            }
        }
        if known { Ok(()) } else { Err(foreign()) }
    }

    /// The same list may be given in parts: one that reaches the end is enough, since the CLI joins the parts itself.
    fn covered(&mut self, shape: &Shape, extent: Extent) {
        let known = self.listed.entry(shape.kind).or_insert(extent);
        *known = (*known).max(extent);
    }

    fn element(&mut self, shape: &Shape, element: &Json, document: &Json) {
        let Some(existing) = shape.existing(element, document) else {
            return;
        };
        if let Some(parent) = &existing.parent {
            self.parents.insert((shape.kind, Arc::clone(parent)));
        }
        let all = self.existing.entry(shape.kind).or_default();
        if !all.contains(&existing) {
            all.push(existing);
        }
    }
}

/// Whether something that exists is what is asked for. What is not known on either side does not tell them apart.
fn is(existing: &Existing, wanted: Wanted<'_>) -> bool {
    let same = |own: &Option<Arc<str>>, other: Option<&str>| match (own.as_deref(), other) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    };
    // Of a secret's versions the current one is meant, whatever its id.
    let is_version = wanted.unique.id == ImportId::Version;
    let named = match wanted.unique.case {
        _ if is_version => true,
        Case::Counts => *existing.name == *wanted.name,
        Case::Ignored => existing.name.eq_ignore_ascii_case(wanted.name),
    };
    // Within a parent that is not known every name would be found.
    let within = wanted.unique.parent.is_none()
        || (wanted.parent.is_some() && same(&existing.parent, wanted.parent));
    named
        && within
        && same(&existing.variant, wanted.variant)
        && same(&existing.region, wanted.region)
}

/// `--max-items` leaves the rest out, and says so.
fn is_begun(document: &Json) -> bool {
    let tokens = [
        "NextToken",
        "nextToken",
        "NextMarker",
        "nextMarker",
        "Marker",
        "NextRecordName",
        "LastEvaluatedTableName",
    ];
    let is_set = |name: &str| {
        document
            .get(name)
            .and_then(Json::as_str)
            .is_some_and(|token| !token.is_empty())
    };
    let more = ["IsTruncated", "Truncated", "HasMoreStreams"];
    tokens.into_iter().any(is_set)
        || more
            .iter()
            .any(|name| document.get(name).and_then(Json::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::unique::unique;

    fn inventory(text: &str) -> Result<Inventory, InventoryError> {
        let mut inventory = Inventory::default();
        inventory.add(text, Path::new("listing.json"))?;
        Ok(inventory)
    }

    fn wanted<'a>(kind: &str, name: &'a str, parent: Option<&'a str>) -> Wanted<'a> {
        Wanted {
            unique: unique(kind).expect("a row"),
            name,
            parent,
            variant: None,
            region: None,
        }
    }

    #[test]
    fn each_shape_lists_a_type_that_has_a_row() {
        for shape in SHAPES {
            assert!(unique(shape.kind).is_some(), "{}", shape.kind);
        }
    }

    #[test]
    fn what_is_listed_to_its_end_and_is_not_there_is_absent() {
        let text = r#"{ "logGroups": [{ "logGroupName": "/ecs/api", "arn": "arn:aws:logs:us-east-1:1:log-group:/ecs/api:*" }] }"#;
        let whole = inventory(text).expect("a listing");
        let group = |name| wanted("aws_cloudwatch_log_group", name, None);
        assert!(matches!(
            whole.standing(group("/ecs/api")),
            Standing::Exists(_)
        ));
        assert_eq!(whole.standing(group("/ecs/web")), Standing::Absent);
        let begun = inventory(&text.replacen('{', r#"{ "nextToken": "x","#, 1)).expect("a listing");
        assert_eq!(begun.standing(group("/ecs/web")), Standing::NotListed);
        assert_eq!(
            whole.standing(wanted("aws_iam_role", "api", None)),
            Standing::NotListed
        );
        let mut elsewhere = group("/ecs/api");
        elsewhere.region = Some("eu-west-1");
        assert_eq!(whole.standing(elsewhere), Standing::Absent);
    }

    #[test]
    fn a_child_is_only_absent_where_its_parent_was_listed() {
        let text =
            r#"{ "Listeners": [{ "ListenerArn": "l", "LoadBalancerArn": "one", "Port": 443 }] }"#;
        let inventory = inventory(text).expect("a listing");
        let listener = |port, parent| inventory.standing(wanted("aws_lb_listener", port, parent));
        assert!(matches!(listener("443", Some("one")), Standing::Exists(_)));
        assert_eq!(listener("80", Some("one")), Standing::Absent);
        assert_eq!(listener("443", Some("two")), Standing::NotListed);
        assert_eq!(listener("443", None), Standing::NotListed);
    }

    #[test]
    fn an_inventory_that_says_two_things_is_refused() {
        let twice = r#"{ "Roles": [{ "RoleName": "a" }],
            "Roles": [] }"#;
        assert!(matches!(
            inventory(twice),
            Err(InventoryError::Doubled { line: 2, .. })
        ));
        let inside = r#"{ "Roles": [{ "RoleName": "a", "R\u006fleName": "b" }] }"#;
        assert!(matches!(
            inventory(inside),
            Err(InventoryError::Doubled { .. })
        ));
        let numbers = r#"{ "Listeners": [{ "ListenerArn": "l", "Port": 443, "Other": [1.50, 1e2, -7, {}] }] }"#;
        assert!(inventory(numbers).is_ok());
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_refused() {
        for text in [
            r#"{ "SecretList": [{ "Name": "a" }, { "Name": 7 }] }"#,
            r#"{ "SecretList": [{ "Name": "a" }, "b"] }"#,
            r#"{ "SecretList": [{ "Name": "a" }, { "ARN": "x" }] }"#,
            r#"{ "TableNames": ["a", null] }"#,
            r#"{ "Listeners": [{ "ListenerArn": "l", "Port": 443 }, { "Port": "x", "ListenerArn": "m" }] }"#,
        ] {
            let found = inventory(text);
            assert!(
                matches!(found, Err(InventoryError::Entry { at: 1, .. })),
                "{text}: {found:?}"
            );
        }
        let only = inventory(r#"{ "SecretList": [{ "ARN": 1, "Name": 7 }] }"#);
        assert!(matches!(only, Err(InventoryError::Foreign { .. })));
    }

    #[test]
    fn a_listener_of_a_gateway_has_no_port() {
        let text = r#"{ "Listeners": [
            { "ListenerArn": "g", "LoadBalancerArn": "gateway" },
            { "ListenerArn": "l", "LoadBalancerArn": "one", "Port": 443 }] }"#;
        let inventory = inventory(text).expect("a listing");
        let listener = |port| inventory.standing(wanted("aws_lb_listener", port, Some("one")));
        assert!(matches!(listener("443"), Standing::Exists(_)));
        assert_eq!(listener("80"), Standing::Absent);
    }

    #[test]
    fn lists_of_one_key_are_told_apart_by_their_elements() {
        let eks = inventory(r#"{ "clusters": ["a"] }"#).expect("a listing");
        assert!(eks.lists("aws_eks_cluster") && !eks.lists("aws_ecs_cluster"));
        let events = inventory(r#"{ "Rules": [{ "Name": "nightly", "State": "ENABLED" }] }"#);
        assert!(events.is_ok_and(
            |one| one.lists("aws_cloudwatch_event_rule") && !one.lists("aws_lb_listener_rule")
        ));
        assert!(matches!(
            inventory(r#"{ "Rules": [] }"#),
            Err(InventoryError::Ambiguous { .. })
        ));
        for foreign in ["{}", "[]", "3", r#"{ "Users": [{ "Username": "x" }] }"#, ""] {
            assert!(
                matches!(inventory(foreign), Err(InventoryError::Foreign { .. })),
                "{foreign}"
            );
        }
        assert!(matches!(
            inventory("{"),
            Err(InventoryError::NotJson { .. })
        ));
    }
}

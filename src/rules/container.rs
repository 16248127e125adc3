//! The containers of an ECS task definition, however its `container_definitions` were written: a JSON string, a template
//! with parts that are only known after apply, a value that `jsonencode` was given, or a whole task definition.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::evidence::{display, subject};
use crate::address::AttributePath;
use crate::plan::{Plan, ResourceInstance, Subject};
use crate::value::{Causes, Data, Marks, Shape, Value, structure};

/// The containers of a task definition, as far as they are known.
pub(super) struct Definitions {
    pub(super) containers: Vec<Container>,
    /// There may be more, or they are not known at all, for these causes.
    pub(super) open: Option<Causes>,
    /// What the text as a whole derives from, where that is not told by its parts.
    pub(super) marks: Marks,
    /// They are no list, which is all that the provider takes.
    pub(super) is_one_object: bool,
}

/// One container.
pub(super) struct Container {
    path: AttributePath,
    value: Value,
}

/// An element of `environment` or `secrets`.
pub(super) struct Entry<'a> {
    /// None where the name is only known after apply.
    pub(super) name: Option<&'a str>,
    /// `value` or `valueFrom`; none where it is missing.
    pub(super) value: Option<&'a Value>,
    pub(super) path: AttributePath,
}

/// An element of `portMappings`.
pub(super) struct Port {
    /// Its place in the list.
    pub(super) at: usize,
    pub(super) number: String,
    /// `tcp` or `udp`.
    pub(super) protocol: Result<String, Causes>,
    /// The host's port, where one is given and known.
    pub(super) host: Option<String>,
}

/// A list of named entries.
pub(super) enum Listed<'a> {
    Entries(Vec<Entry<'a>>),
    Open(Causes),
}

pub(super) const ATTRIBUTE: &str = "container_definitions";

/// The secrets that each container is given by reference: of several containers of one name, those that all have.
/// Containers whose secrets are not known are left out.
pub fn secrets_of_containers(plan: &Plan) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for task in plan.managed("aws_ecs_task_definition") {
        for container in Definitions::of(task).containers {
            let Some(name) = container.name() else {
                continue;
            };
            let secrets = match container.entries("secrets", "valueFrom") {
                Listed::Entries(entries) => entries
                    .iter()
                    .filter_map(|entry| entry.name.map(str::to_owned))
                    .collect(),
                Listed::Open(_) => BTreeSet::new(),
            };
            match found.get_mut(name) {
                Some(known) => known.retain(|secret| secrets.contains(secret)),
                None => {
                    found.insert(name.to_owned(), secrets);
                }
            }
        }
    }
    found.retain(|_, secrets| !secrets.is_empty());
    found
}

/// The definitions as one subject.
pub(super) fn whole(task: &ResourceInstance) -> Subject {
    subject(task, AttributePath::attribute(ATTRIBUTE))
}

impl Definitions {
    pub(super) fn of(task: &ResourceInstance) -> Self {
        let value = task.attribute(ATTRIBUTE);
        let path = AttributePath::attribute(ATTRIBUTE);
        let mut found = Self {
            containers: Vec::new(),
            open: None,
            marks: Marks::NONE,
            is_one_object: false,
        };
        if value.is_null() {
            return found;
        }
        let shape = value
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref());
        if !matches!(shape, Some(Shape::Json(_))) {
            found.marks = value.marks().clone();
        }
        match structure(value) {
            Some(decoded) => {
                found.marks = found.marks.union(&marks_around(&decoded));
                found.is_one_object = decoded.as_entries().is_some();
                found.add(&decoded, &path);
            }
            None => found.open = Some(value.causes()),
        }
        found
    }

    fn add(&mut self, value: &Value, path: &AttributePath) {
        if let Some(elements) = value.as_elements() {
            for (at, element) in elements.iter().enumerate() {
                self.container(element, path.with_index(at));
            }
        } else if let Some((name, inner)) = field(value, "containerDefinitions") {
            self.add(&inner.clone(), &path.with_attribute(&name));
        } else {
            self.container(value, path.clone());
        }
    }

    fn container(&mut self, value: &Value, path: AttributePath) {
        match value.data() {
            Data::Object(_) | Data::Map(..) => {
                self.containers.push(Container {
                    path,
                    value: value.clone(),
                });
            }
            Data::Unknown(_) => {
                let known = self.open.take().unwrap_or_default();
                self.open = Some(known.union(&value.causes()));
            }
            _ => {}
        }
    }
}

impl Container {
    /// Its name, where known.
    pub(super) fn name(&self) -> Option<&str> {
        field(&self.value, "name").and_then(|(_, name)| name.as_str())
    }

    /// Its name for a message.
    pub(super) fn shown(&self) -> String {
        self.name().map_or_else(
            || "container".to_owned(),
            |name| format!("container `{name}`"),
        )
    }

    /// A member by its name, with its path.
    pub(super) fn member(&self, name: &str) -> Option<(AttributePath, &Value)> {
        let (key, value) = field(&self.value, name)?;
        Some((self.path.with_attribute(&key), value))
    }

    /// The path of a list, or of where it would be.
    pub(super) fn place_of(&self, list: &str) -> AttributePath {
        let written = field(&self.value, list).map(|(name, _)| name);
        self.path.with_attribute(written.as_deref().unwrap_or(list))
    }

    /// The entries of `environment`, `secrets` and their like, with what stands under `member`.
    pub(super) fn entries(&self, list: &str, member: &str) -> Listed<'_> {
        listed(&self.value, &self.path, list, member)
    }

    /// The references of `logConfiguration.secretOptions`.
    pub(super) fn log_secrets(&self) -> Listed<'_> {
        match field(&self.value, "logConfiguration") {
            Some((key, log)) => {
                let path = self.path.with_attribute(&key);
                listed(log, &path, "secretOptions", "valueFrom")
            }
            None => Listed::Entries(Vec::new()),
        }
    }

    /// The reference of `repositoryCredentials`.
    pub(super) fn registry_secret(&self) -> Option<Entry<'_>> {
        let (key, credentials) = field(&self.value, "repositoryCredentials")?;
        let path = self.path.with_attribute(&key);
        let (key, value) = field(credentials, "credentialsParameter")?;
        Some(Entry {
            name: Some("repositoryCredentials"),
            value: Some(value),
            path: path.with_attribute(&key),
        })
    }

    /// The container's ports that `portMappings` names; a mapping without a `containerPort` maps none.
    pub(super) fn ports(&self) -> Result<Vec<Port>, Causes> {
        let Some((_, listed)) = field(&self.value, "portMappings") else {
            return Ok(Vec::new());
        };
        let Some(mappings) = listed.as_elements() else {
            return Err(listed.causes());
        };
        let port = |(at, mapping): (usize, &Value)| {
            let Some((_, number)) = field(mapping, "containerPort") else {
                let maps_none = mapping.as_entries().is_some()
                    && field(mapping, "containerPortRange").is_none();
                return if maps_none {
                    Ok(None)
                } else {
                    Err(mapping.causes())
                };
            };
            let protocol = field(mapping, "protocol").filter(|(_, given)| !given.is_null());
            Ok(Some(Port {
                at,
                number: display(number).ok_or_else(|| number.causes())?,
                protocol: match protocol {
                    None => Ok("tcp".to_owned()),
                    Some((_, given)) => match given.as_str() {
                        Some(text) => Ok(text.to_ascii_lowercase()),
                        None => Err(given.causes()),
                    },
                },
                host: field(mapping, "hostPort").and_then(|(_, given)| display(given)),
            }))
        };
        let ports = mappings.iter().enumerate();
        ports.filter_map(|one| port(one).transpose()).collect()
    }

    /// Every value in it with its path, but for the lists of these names.
    pub(super) fn leaves(&self, but: &[&str]) -> Vec<(AttributePath, &Value)> {
        let mut found = Vec::new();
        leaves(&self.value, self.path.clone(), but, &mut found);
        found
    }
}

/// The entries of a list that stands under `list`.
fn listed<'a>(value: &'a Value, path: &AttributePath, list: &str, member: &str) -> Listed<'a> {
    let Some((key, listed)) = field(value, list) else {
        return Listed::Entries(Vec::new());
    };
    let path = path.with_attribute(&key);
    if let Data::Unknown(_) = listed.data() {
        return Listed::Open(listed.causes());
    }
    let elements = listed.as_elements().unwrap_or_default();
    if let Some(unknown) = elements.iter().find(|element| !element.is_known()) {
        return Listed::Open(unknown.causes());
    }
    let entry = |(at, element)| {
        let path: AttributePath = path.with_index(at);
        let found = field(element, member);
        let path = match &found {
            Some((key, _)) => path.with_attribute(key),
            None => path,
        };
        Entry {
            name: field(element, "name").and_then(|(_, name)| name.as_str()),
            value: found.map(|(_, value)| value),
            path,
        }
    };
    Listed::Entries(elements.iter().enumerate().map(entry).collect())
}

fn leaves<'a>(
    value: &'a Value,
    path: AttributePath,
    but: &[&str],
    found: &mut Vec<(AttributePath, &'a Value)>,
) {
    if let Some(elements) = value.as_elements() {
        for (at, element) in elements.iter().enumerate() {
            leaves(element, path.with_index(at), but, found);
        }
    } else if let Some(entries) = value.as_entries() {
        let wanted = entries
            .iter()
            .filter(|(name, _)| !but.iter().any(|other| other.eq_ignore_ascii_case(name)));
        for (name, entry) in wanted {
            leaves(entry, path.with_attribute(name), but, found);
        }
    } else {
        found.push((path, value));
    }
}

/// Marks of lists and objects, but not of what stands in them: a `for` over a secret map makes a secret list.
fn marks_around(value: &Value) -> Marks {
    let inner: Vec<&Value> = match value.as_elements() {
        Some(elements) => elements.iter().collect(),
        None => match value.as_entries() {
            Some(entries) => entries.values().collect(),
            None => return marks_of_open(value),
        },
    };
    let own = value.marks().clone();
    inner
        .into_iter()
        .fold(own, |all, one| all.union(&marks_around(one)))
}

/// Of a list or an object of which nothing is told but where secrets stand in it.
fn marks_of_open(value: &Value) -> Marks {
    match value
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref())
    {
        Some(Shape::Secrets(places)) => places.marks_deep(),
        _ => Marks::NONE,
    }
}

/// A member by name, in whatever case it was written.
fn field<'a>(value: &'a Value, name: &str) -> Option<(Arc<str>, &'a Value)> {
    if let Some(found) = value.attribute(name) {
        return Some((name.into(), found));
    }
    let entries = value.as_entries()?;
    let (key, found) = entries
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some((Arc::clone(key), found))
}

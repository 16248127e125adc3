//! `checks`: what Terraform found of conditions, as `terraform show -json` prints it of a plan or a state.

use super::cursor::{Cursor, Fault, Kind};
use crate::plan::{Status, Told};

/// Reads all of them.
pub fn read(cursor: &mut Cursor<'_>, told: &mut Told) -> Result<(), Fault> {
    if cursor.kind()? != Kind::Array {
        return cursor.skip().map(|_| ());
    }
    cursor.array(|cursor| {
        let check = Check::read(cursor)?;
        let mut instances = check.instances.iter();
        // Which instances there are may not be known yet.
        if instances.all(|one| one.status != check.status) {
            check.tell(told);
        }
        for instance in &check.instances {
            instance.tell(told);
        }
        Ok(())
    })
}

/// One element of `checks`, or one of its instances.
#[derive(Default)]
struct Check {
    about: Option<String>,
    status: Option<Status>,
    messages: Vec<String>,
    instances: Vec<Check>,
}

impl Check {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut check = Self::default();
        cursor.members(|cursor, name| {
            match (name, cursor.kind()?) {
                ("status", Kind::String) => check.status = Status::of(&cursor.string()?),
                ("address", Kind::Object) => cursor.members(|cursor, name| {
                    if name == "to_display" && cursor.kind()? == Kind::String {
                        check.about = Some(cursor.string()?.into_owned());
                    } else {
                        cursor.skip()?;
                    }
                    Ok(())
                })?,
                ("instances", Kind::Array) => cursor.array(|cursor| {
                    check.instances.push(Self::read(cursor)?);
                    Ok(())
                })?,
                ("problems", Kind::Array) => cursor.array(|cursor| {
                    cursor.members(|cursor, name| {
                        if name == "message" && cursor.kind()? == Kind::String {
                            check.messages.push(cursor.string()?.into_owned());
                        } else {
                            cursor.skip()?;
                        }
                        Ok(())
                    })
                })?,
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(check)
    }

    fn tell(&self, told: &mut Told) {
        if let Some((about, status)) = self.about.clone().zip(self.status) {
            told.add(about, status, &self.messages);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        let mut told = Told::default();
        read(&mut Cursor::new(text, 0), &mut told).expect("JSON");
        told
    }

    fn abouts(told: &Told) -> [Vec<&str>; 2] {
        let failed = told.problems.iter();
        [
            told.conditions
                .iter()
                .map(|one| one.about.as_str())
                .collect(),
            failed.filter_map(|one| one.address.as_deref()).collect(),
        ]
    }

    #[test]
    fn each_instance_is_told_of() {
        let told = told(
            r#"[{"address": {"to_display": "module.a.check.size"}, "status": "fail", "instances": [
                {"address": {"to_display": "module.a[0].check.size"}, "status": "pass"},
                {"address": {"to_display": "module.a[1].check.size"}, "status": "fail",
                 "problems": [{"message": "too small"}]}]}]"#,
        );
        let [held, failed] = abouts(&told);
        assert_eq!(held, ["module.a[0].check.size"]);
        assert_eq!(failed, ["module.a[1].check.size"]);
        assert_eq!(told.problems[0].message, "too small");
    }

    #[test]
    fn what_no_instance_says_is_told_of_the_block() {
        let told = told(
            r#"[{"address": {"to_display": "check.a"}, "status": "unknown"},
                {"address": {"to_display": "check.b"}, "status": "error", "instances": []}]"#,
        );
        assert_eq!(abouts(&told), [["check.a"], ["check.b"]]);
    }
}

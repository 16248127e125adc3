//! Whether Fargate takes a task: its size is one of those that there are, and it is for Fargate at all.

use super::registered::Refusal;
use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::rules::evidence::{display, subject};

/// Sizes of memory, in MiB, that a task may have: from, to, and in steps of.
type Memory = (u64, u64, u64);

/// Units of CPU with the memory that goes with them; for each, from Amazon's table of task sizes. 256 takes 512, too.
const SIZES: [(u64, Memory); 7] = [
    (256, (1024, 2048, 1024)),
    (512, (1024, 4096, 1024)),
    (1024, (2048, 8192, 1024)),
    (2048, (4096, 16_384, 1024)),
    (4096, (8192, 30_720, 1024)),
    (8192, (16_384, 61_440, 4096)),
    (16_384, (32_768, 122_880, 8192)),
];

/// The largest that is judged: there may be larger ones one day.
const LARGEST: u64 = 16_384;

const COMPATIBLE: &str = "requires_compatibilities";

/// Why Fargate does not take the task of a service, if it does not.
pub(super) fn refused(service: &ResourceInstance, task: &ResourceInstance) -> Option<Refusal> {
    let listed = task.attribute(COMPATIBLE).as_elements().unwrap_or_default();
    let is_launched = service.attribute("launch_type").as_str() == Some("FARGATE");
    let says_nothing = task.attribute(COMPATIBLE).is_null();
    if listed.iter().any(|one| one.as_str() == Some("FARGATE")) || is_launched && says_nothing {
        return refused_size(task);
    }
    let others: Option<Vec<&str>> = listed.iter().map(|one| one.as_str()).collect();
    let others = others.filter(|others| is_launched && !others.is_empty())?;
    let message = format!(
        "`{}` is launched by Fargate, and `{}` is for {} only",
        service.address,
        task.address,
        others.join(", ")
    );
    let place = subject(task, AttributePath::attribute(COMPATIBLE));
    let help = "add `FARGATE` to `requires_compatibilities`, or change the `launch_type`";
    Some(Refusal::at(place, message, help))
}

fn refused_size(task: &ResourceInstance) -> Option<Refusal> {
    const HELP: &str = "set `cpu` and `memory` of the task to sizes that Fargate has, `cpu = \"256\"` and `memory = \"512\"` or more";
    for name in ["cpu", "memory"] {
        if task.attribute(name).is_null() {
            let message = format!(
                "`{}` is for Fargate, which wants `{name}` of the whole task",
                task.address
            );
            let place = subject(task, AttributePath::default());
            return Some(Refusal::at(place, message, HELP));
        }
    }
    let given = |name: &str| task.attribute(name).foreseen().and_then(display);
    let (cpu, memory) = (given("cpu"), given("memory"));
    let unread = [("cpu", &cpu, "vcpu"), ("memory", &memory, "gb")];
    for (name, given, unit) in unread {
        if let Some(given) = given
            && size(given, unit).is_none()
        {
            let message = format!(
                "`{name} = \"{given}\"` of `{}` is no size that ECS takes",
                task.address
            );
            let place = subject(task, AttributePath::attribute(name));
            return Some(Refusal::at(place, message, HELP));
        }
    }
    let (cpu, memory) = (cpu?, memory?);
    let (units, mebibytes) = (size(&cpu, "vcpu")?, size(&memory, "gb")?);
    let is_small = units < SMALLEST_OF_WINDOWS && is_of_windows(task);
    if is_taken(units, mebibytes) && !is_small {
        return None;
    }
    let who = if is_small {
        "Fargate, which with Windows"
    } else {
        "Fargate, which"
    };
    let message = format!(
        "`{}` is for {who} has no tasks with `cpu = \"{cpu}\"` and `memory = \"{memory}\"`",
        task.address
    );
    let has_cpu = SIZES.iter().any(|(own, _)| *own == units);
    let name = if has_cpu && !is_small {
        "memory"
    } else {
        "cpu"
    };
    let place = subject(task, AttributePath::attribute(name));
    Some(Refusal::at(place, message, HELP))
}

/// With Windows, Fargate has no tasks of less than one vCPU.
const SMALLEST_OF_WINDOWS: u64 = 1024;

fn is_of_windows(task: &ResourceInstance) -> bool {
    let platform = task.blocks("runtime_platform").first();
    let family = platform.and_then(|one| one.attribute("operating_system_family")?.as_str());
    family.is_some_and(|family| family.starts_with("WINDOWS"))
}

fn is_taken(cpu: u64, memory: u64) -> bool {
    let found = SIZES.iter().find(|(units, _)| *units == cpu);
    match found {
        Some((256, _)) if memory == 512 => true,
        Some((_, (least, most, step))) => {
            (least..=most).contains(&&memory) && memory.is_multiple_of(*step)
        }
        None => cpu > LARGEST,
    }
}

/// `1024`, or `1 vCPU` and `2 GB` of 1024 each.
pub(super) fn size(text: &str, unit: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let Some(number) = text.strip_suffix(unit) else {
        return text.parse().ok();
    };
    let number = number.trim();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.chars().all(|one| one.is_ascii_digit());
    if whole.is_empty() && part.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    // Sizes are quarters; what is none of them is rounded, and is in no table.
    let part = match part.trim_end_matches('0') {
        "" => 0,
        "25" => 256,
        "5" => 512,
        "75" => 768,
        _ => 1,
    };
    whole.checked_mul(1024)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::{is_taken, size};

    #[test]
    fn sizes_are_those_of_the_table() {
        for (cpu, memory, taken) in [
            ("256", "512", true),
            (".25 vCPU", "0.5GB", true),
            ("256", "3072", false),
            ("300", "512", false),
            ("512", "512", false),
            ("1 vCPU", "2 GB", true),
            ("1024", "2500", false),
            ("4096", "30720", true),
            ("4096", "31744", false),
            ("8192", "20480", true),
            ("8192", "17408", false),
            ("16384", "122880", true),
            ("32768", "65536", true),
        ] {
            let (of_cpu, of_memory) = (size(cpu, "vcpu"), size(memory, "gb"));
            let found = is_taken(of_cpu.expect(cpu), of_memory.expect(memory));
            assert_eq!(found, taken, "{cpu} with {memory}");
        }
    }
}

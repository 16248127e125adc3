//! Copies of folders of fixtures, for tests that change something in them.

use std::path::Path;

/// Copies a folder with everything in it, less what `keep` refuses.
pub fn copy(from: &Path, to: &Path, keep: impl Fn(&walkdir::DirEntry) -> bool) {
    let walk = walkdir::WalkDir::new(from).into_iter();
    for entry in walk.filter_entry(keep) {
        let entry = entry.expect("a fixture can be walked");
        let target = to.join(entry.path().strip_prefix(from).expect("it lies below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("a folder can be made");
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

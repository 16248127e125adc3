//! Recordings of Terraform: files that may lie packed, under their name with `.gz` behind it.
#![allow(dead_code)] // Each test that includes this file uses some of it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What is in a file, unpacked where it is packed.
pub fn bytes(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut unpacked)
        .expect("compressed");
    unpacked
}

/// The text of a file, unpacked where it is packed.
pub fn text(path: &Path) -> String {
    String::from_utf8(bytes(path)).expect("text")
}

/// Where a recording of that name lies in a folder, if there is one.
pub fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.to_owned(), format!("{name}.gz")];
    let mut paths = names.iter().map(|name| folder.join(name));
    paths.find(|path| path.exists())
}

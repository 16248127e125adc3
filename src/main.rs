//! The binary: parse the arguments, run, print, exit. No logic lives here.

fn main() {}

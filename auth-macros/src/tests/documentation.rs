//! The documentation of the attribute is its reference, so it is complete.

use crate::options::OPTIONS;

#[test]
fn every_option_has_a_row_in_the_table() {
    let rows: Vec<&str> =
        include_str!("../lib.rs").lines().filter_map(|line| line.strip_prefix("/// | `")).collect();
    for name in OPTIONS {
        let describes =
            |row: &&str| row.strip_prefix(name).is_some_and(|rest| rest.starts_with(['`', '(', ' ']));
        assert!(rows.iter().any(describes), "`{name}` has no row");
    }
}

//! Doc comments drawn at random from the shipped code, so that a reader judges their words with fresh eyes.

use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::iter::{Peekable, Zip};
use std::ops::RangeFrom;
use std::path::{Path, PathBuf};

use crate::layout::Layout;

/// The number of comments that are drawn unless the command names another number.
pub(crate) const DEFAULT_COUNT: usize = 20;

/// The crates that users build.
const SHIPPED: [&str; 3] = ["auth-runtime", "auth-macros", "auth-doctor"];

/// The lines of a file, each with its number.
type Lines<'t> = Peekable<Zip<RangeFrom<usize>, std::str::Lines<'t>>>;

/// A doc comment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comment {
    /// The number of its first line, from 1.
    line: usize,
    /// The lines without their slashes.
    text: Vec<String>,
    /// The first line of the documented item.
    item: String,
}

/// Draws comments, and returns them as text for the terminal. The same seed draws the same comments from the same code.
pub(crate) fn draw(count: usize, seed: Option<u64>, layout: &Layout) -> Result<String, String> {
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(()) % 1_000_000);
    let mut found = Vec::new();
    for krate in SHIPPED {
        let mut files = Vec::new();
        collect(&layout.root.join(krate).join("src"), &mut files)?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let name = file.strip_prefix(&layout.root).unwrap_or(&file).display().to_string();
            found.extend(comments(&text).into_iter().map(|comment| (name.clone(), comment)));
        }
    }
    let all = found.len();
    let mut shown = String::new();
    for (file, Comment { line, text, item }) in chosen(found, count, seed) {
        let _ = writeln!(shown, "{file}:{line}: {item}\n\n    {}\n", text.join("\n    "));
    }
    Ok(format!("{shown}{} of {all} comments; `--seed {seed}` draws them again\n", count.min(all)))
}

/// Chooses some of the values by the seed, and leaves them in their order.
fn chosen<T>(values: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    // Each value gets a random number, and those with the smallest numbers are chosen.
    let mut numbered: Vec<_> =
        (0_u64..).zip(values).map(|(place, value)| (mixed(seed, place), place, value)).collect();
    numbered.sort_unstable_by_key(|(number, place, _)| (*number, *place));
    numbered.truncate(count);
    numbered.sort_unstable_by_key(|(_, place, _)| *place);
    numbered.into_iter().map(|(_, _, value)| value).collect()
}

/// Returns the number at a place of the sequence of this seed, by `SplitMix64` (Steele, Lea and Flood 2014).
fn mixed(seed: u64, place: u64) -> u64 {
    let step = |number: u64| {
        let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    };
    step(step(seed) ^ place)
}

/// Finds the doc comments of a formatted file. Items under `#[cfg(test)]` are left out.
fn comments(text: &str) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut lines: Lines<'_> = (1..).zip(text.lines()).peekable();
    while let Some((line, first)) = lines.next() {
        if first == "#[cfg(test)]" {
            skip_item(&mut lines);
            continue;
        }
        let Some((marker, words)) = doc(first) else { continue };
        let mut text = vec![words.to_owned()];
        while let Some((_, next)) =
            lines.next_if(|(_, next)| doc(next).is_some_and(|(other, _)| other == marker))
        {
            text.extend(doc(next).map(|(_, words)| words.to_owned()));
        }
        let item = if marker == "//!" { Some("the module".to_owned()) } else { documented(&mut lines) };
        found.extend(item.map(|item| Comment { line, text, item }));
    }
    found
}

/// Returns the marker of a doc comment's line, and the words behind it.
fn doc(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    let words = |marker| line.strip_prefix(marker).filter(|words| !words.starts_with('/'));
    let (marker, words) = ["///", "//!"].into_iter().find_map(|marker| Some((marker, words(marker)?)))?;
    Some((marker, words.strip_prefix(' ').unwrap_or(words)))
}

/// Returns the first line of the item behind a comment and the item's attributes. `None` for an item of the tests.
fn documented(lines: &mut Lines<'_>) -> Option<String> {
    let mut is_attribute = false;
    while let Some((_, line)) = lines.next() {
        let line = line.trim();
        if line == "#[cfg(test)]" {
            skip_item(lines);
            return None;
        }
        // An attribute may have several lines, and comments may stand around it.
        if is_attribute || line.starts_with("#[") {
            is_attribute = !line.ends_with(']');
        } else if !line.starts_with("//") {
            return Some(line.to_owned());
        }
    }
    None
}

/// Passes over an item: rustfmt puts its last brace, and the brace of no other item, at the beginning of a line.
fn skip_item(lines: &mut Lines<'_>) {
    let mut is_first = true;
    for (_, line) in lines.by_ref() {
        let is_attribute = line.starts_with("#[");
        if line == "}" || is_first && !is_attribute && (line.ends_with(';') || line.ends_with('}')) {
            return;
        }
        is_first &= is_attribute;
    }
}

/// Collects the files of shipped code. Tests have files called `tests.rs` or `…_tests.rs`, or a folder `tests`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "tests" {
            collect(&path, files)?;
        } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"//! The module's words,
//! on two lines.

/// A type.
///
/// With an example.
#[derive(Debug)]
#[expect(
    dead_code, // [
    reason = "an example"
)]
pub struct A {
    /// A field.
    a: u8, // a comment of another kind
}

//// No doc comment.
/// For tests.
#[cfg(test)]
impl A {
    /// Not shipped.
    fn a() {}
}

#[cfg(test)]
#[path = "x_tests.rs"]
mod x;

/// A function.
fn b() {}

#[cfg(test)]
mod tests {
    /// Not shipped either.
    fn c() {}
}
"#;

    #[test]
    fn a_comment_is_found_with_its_line_and_its_item_unless_only_tests_see_it() {
        let found: Vec<_> = comments(CODE)
            .into_iter()
            .map(|comment| (comment.line, comment.text.join("|"), comment.item))
            .collect();
        let expected = [
            (1, "The module's words,|on two lines.", "the module"),
            (4, "A type.||With an example.", "pub struct A {"),
            (13, "A field.", "a: u8, // a comment of another kind"),
            (29, "A function.", "fn b() {}"),
        ];
        assert_eq!(found, expected.map(|(line, text, item)| (line, text.to_owned(), item.to_owned())));
    }

    #[test]
    fn a_seed_draws_the_same_values_again_and_each_value_once_in_order() {
        let draw = |seed| chosen((0..1_000).collect(), 20, seed);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).is_sorted_by(|one, next| one < next) && draw(1).len() == 20);
        assert_eq!(chosen(vec![1, 2, 3], 20, 1), [1, 2, 3]);
    }

    #[test]
    fn the_comments_of_this_workspace_are_drawn_with_a_way_to_draw_them_again() {
        let layout = Layout::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), None);
        let drawn = draw(3, None, &layout).expect("drawn");
        let (_, end) = drawn.rsplit_once("`--seed ").expect("the seed is named");
        let seed = end.split('`').next().and_then(|seed| seed.parse().ok());
        assert!(seed.is_some(), "{drawn}");
        assert_eq!(draw(3, seed, &layout).expect("drawn"), drawn);
    }
}

//! The names of a store's tables. Each service that uses a database may have tables of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::dialect::Dialect;
use super::failure::Failure;
use super::statements::Statements;
use crate::shared::StoreError;

/// The statements and migrations for tables with one prefix.
#[derive(Clone, Copy)]
pub(super) struct Schema {
    pub(super) statements: &'static Statements,
    pub(super) migrations: &'static [&'static str],
}

impl Schema {
    /// Returns the schema of tables whose names begin with `auth_`.
    pub(super) const fn plain<D: Dialect>() -> Self {
        Self { statements: const { &D::STATEMENTS }, migrations: D::MIGRATIONS }
    }

    /// Returns the schema of tables and indexes whose names begin with `<prefix>auth_`.
    ///
    /// # Errors
    ///
    /// The prefix has other characters than small letters, digits and `_`, begins with no letter, or is longer than 32
    /// bytes.
    pub(super) fn prefixed<D: Dialect>(prefix: &str) -> Result<Self, StoreError> {
        if !is_prefix(prefix) {
            return Err(StoreError::new(Failure::Prefix));
        }
        let mut made = PREFIXED.lock().unwrap_or_else(PoisonError::into_inner);
        let schema = made.entry((D::NAME, prefix.to_owned())).or_insert_with(|| {
            // Every name of the schema begins with `auth_`, and nothing else in the statements contains it.
            let rename = |text: &str| -> &'static str {
                Box::leak(text.replace("auth_", &format!("{prefix}auth_")).into_boxed_str())
            };
            let migrations: Vec<_> = D::MIGRATIONS.iter().map(|script| rename(script)).collect();
            Self {
                statements: Box::leak(Box::new(D::STATEMENTS.renamed(rename))),
                migrations: Box::leak(migrations.into_boxed_slice()),
            }
        });
        Ok(*schema)
    }
}

/// Returns whether the text can be a prefix. It becomes a part of statements, so it must not contain anything but the
/// characters of a name.
fn is_prefix(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= MAX_PREFIX_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_part)
}

/// The schemas of prefixes that were used. sqlx needs `'static` statements, so each prefix's statements are made once
/// and kept until the process ends.
static PREFIXED: Mutex<BTreeMap<(&str, String), Schema>> = Mutex::new(BTreeMap::new());

/// The maximum length of a prefix, in bytes: together with the longest name it stays below the 63 bytes after which
/// `PostgreSQL` cuts a name.
const MAX_PREFIX_BYTES: usize = 32;

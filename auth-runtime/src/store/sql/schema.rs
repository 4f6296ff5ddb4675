//! What the tables of a store are called: each service in a database may have its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::dialect::Dialect;
use super::failure::Failure;
use super::statements::Statements;
use crate::shared::StoreError;

/// Statements and migrations, by the names of the tables.
#[derive(Clone, Copy)]
pub(super) struct Schema {
    pub(super) statements: &'static Statements,
    pub(super) migrations: &'static [&'static str],
}

impl Schema {
    /// Tables whose names begin with `auth_`.
    pub(super) const fn plain<D: Dialect>() -> Self {
        Self { statements: const { &D::STATEMENTS }, migrations: D::MIGRATIONS }
    }

    /// Tables whose names begin with `<prefix>auth_`, and so do those of their indexes.
    pub(super) fn prefixed<D: Dialect>(prefix: &str) -> Result<Self, StoreError> {
        if !is_prefix(prefix) {
            return Err(StoreError::new(Failure::Prefix));
        }
        let mut made = PREFIXED.lock().unwrap_or_else(PoisonError::into_inner);
        let schema = made.entry((D::NAME, prefix.to_owned())).or_insert_with(|| {
            // Each of our names begins like this, and nothing else does.
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

/// A prefix is part of names in statements, so nothing else can be in it.
fn is_prefix(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= MAX_PREFIX_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_part)
}

/// Statements are static for sqlx, so those of a prefix are made once and kept until the process ends.
static PREFIXED: Mutex<BTreeMap<(&str, String), Schema>> = Mutex::new(BTreeMap::new());

/// With the longest of our names, `PostgreSQL` cuts off nothing (63 bytes).
const MAX_PREFIX_BYTES: usize = 32;

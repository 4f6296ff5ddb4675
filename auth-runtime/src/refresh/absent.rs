//! The refresher where the feature `oidc` is off: no service renews tokens, so there is none.

use std::sync::Arc;

use secrecy::SecretString;

use crate::shared::{SealedValues, StoreError};

/// A type without values, so that code which asks a refresher, if there is one, compiles with and without the feature.
#[derive(Debug)]
pub(crate) enum Refresher {}

#[expect(clippy::unused_async, reason = "the refresher that there is with the feature `oidc` is async here")]
impl Refresher {
    pub(crate) fn with_shared(self, _: Option<SealedValues>) -> Arc<Self> {
        match self {}
    }

    pub(crate) fn successor(&self, _: &SecretString) -> Option<SecretString> {
        match *self {}
    }

    pub(crate) async fn settled_successor(&self, _: &SecretString) -> Option<SecretString> {
        match *self {}
    }

    pub(crate) async fn newest(&self, _: &SecretString) -> SecretString {
        match *self {}
    }

    pub(crate) async fn forget(&self, _: &SecretString) -> SecretString {
        match *self {}
    }

    pub(crate) async fn check_shared(&self) -> Result<(), StoreError> {
        match *self {}
    }
}

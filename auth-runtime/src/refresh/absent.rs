//! The refresher of a service that renews no tokens, since the feature `oidc` is off: there is none.

use secrecy::SecretString;

use crate::shared::StoreError;

/// A type without values, so that code which would ask a refresher need not know of the feature.
#[derive(Debug)]
pub(crate) enum Refresher {}

#[expect(clippy::unused_async, reason = "as the refresher of the feature `oidc` has them")]
impl Refresher {
    pub(crate) fn successor(&self, _: &SecretString) -> Option<SecretString> {
        match *self {}
    }

    pub(crate) fn knows(&self, _: &SecretString) -> bool {
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

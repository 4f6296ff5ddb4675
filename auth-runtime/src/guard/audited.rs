//! The notes of guards and extractors for an audit of routes (feature `testing`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use http::Extensions;

/// A mark on the response by which a guard refused the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefusedByGuard;

/// Marks the refusal of a guard. The answer of an extractor or of a handler has no such mark.
pub(super) fn refused_by_guard(mut response: Response) -> Response {
    response.extensions_mut().insert(RefusedByGuard);
    response
}

/// A note in the extensions of an audit's request, set when an extractor took the caller's identity for a handler whose
/// answer a cache may keep. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct CacheableIdentity(Arc<AtomicBool>);

impl CacheableIdentity {
    /// Returns whether an extractor did so.
    pub(crate) fn is_taken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Tells the audit that nothing forbids caches to keep an answer that depends on the caller's identity.
pub(super) fn note_cacheable(extensions: &Extensions) {
    if let Some(CacheableIdentity(is_taken)) = extensions.get() {
        is_taken.store(true, Ordering::Release);
    }
}

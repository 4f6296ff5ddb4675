//! Collects mistakes, so that all of them are shown at once instead of one per compilation.

use std::thread;

use proc_macro2::{Span, TokenStream};

/// The mistakes found so far.
///
/// Must be given up through [`check`](Self::check). A dropped mistake in a requirement would be an open handler, so
/// dropping this otherwise panics: the compiler shows the panic as an error.
pub(crate) struct Diagnostics {
    errors: Vec<syn::Error>,
    checked: bool,
}

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self { errors: Vec::new(), checked: false }
    }

    /// Notes one mistake. Parsing then goes on.
    pub(crate) fn report(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(syn::Error::new(span, message.into()));
    }

    /// Notes a mistake that syn found, in syn's words.
    pub(crate) fn report_syntax(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// Returns the mistakes as invocations of `compile_error!`; no tokens when there are none.
    pub(crate) fn check(mut self) -> TokenStream {
        self.checked = true;
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        assert!(self.checked || thread::panicking(), "diagnostics were dropped without being checked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "dropped without being checked")]
    fn dropping_the_collector_unchecked_panics() {
        drop(Diagnostics::new());
    }

    #[test]
    #[should_panic(expected = "dropped without being checked")]
    fn dropping_a_mistake_unchecked_panics() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.report(Span::call_site(), "a mistake");
    }

    #[test]
    fn nothing_reported_is_no_tokens() {
        assert!(Diagnostics::new().check().is_empty());
    }

    #[test]
    fn every_mistake_is_kept_in_order() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.report(Span::call_site(), "first");
        diagnostics.report_syntax(syn::Error::new(Span::call_site(), "second"));
        let shown = diagnostics.check().to_string();
        assert!(shown.find("first").unwrap() < shown.find("second").unwrap());
    }
}

//! What is measured.

/// A call with one input, which is made before measuring starts.
pub struct Call(Box<dyn Fn() -> bool>);

impl Call {
    /// Runs the call once, so that whatever is done once per process is done, and checks whether the input is taken. The
    /// call lives as long as the process, so that dropping it is not measured.
    pub(crate) fn new(is_taken: bool, call: impl Fn() -> bool + 'static) -> &'static Self {
        assert_eq!(call(), is_taken, "whether the input is taken");
        Box::leak(Box::new(Self(Box::new(call))))
    }

    /// Returns whether the input is taken.
    pub fn run(&self) -> bool {
        (self.0)()
    }
}

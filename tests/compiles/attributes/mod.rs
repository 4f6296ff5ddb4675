//! Other attributes beside ours.

mod async_trait;
mod m5_order;
mod m5_with_requirements;
mod twice;

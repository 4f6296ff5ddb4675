//! The line about its routes that a service logs when it starts.

use super::access::Access;
use super::route::Route;

/// Logs the number of routes and of those that demand a session, and the names of the others.
pub(super) fn log(routes: &[Route]) {
    let protected = routes.iter().filter(|route| route.access().requires_session()).count();
    let named = |is_meant: fn(&Access) -> bool| {
        let meant = routes.iter().filter(|route| is_meant(&route.access()));
        let names: Vec<_> =
            meant.map(|route| format!("{} {}", route.methods().join(","), route.path())).collect();
        names.join("; ")
    };
    let optional =
        |access: &Access| matches!(access, Access::Protected(protection) if protection.admits_anybody());
    tracing::info!(
        routes = routes.len(),
        protected,
        public = named(|access| matches!(access, Access::Public)),
        optional = named(optional),
        unchecked = named(|access| matches!(access, Access::Unchecked)),
        "routes"
    );
}

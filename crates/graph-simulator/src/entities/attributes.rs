//! Custom security attributes that users have from the start.

use serde_json::{Value, json};

use crate::tenant::mix::mix3;
use crate::tenant::{Handle, Kind, Tenant};

/// What an object has from the start: one user in four is tied to a berth.
pub(crate) fn custom_security_attributes(tenant: &Tenant, object: Handle) -> Value {
    let draw = mix3(tenant.seed(), 0x6265_7274, object.slot);
    if object.kind != Kind::User || object.is_created() || !draw.is_multiple_of(4) {
        return Value::Null;
    }
    json!({ "Harbour": {
        "@odata.type": "#microsoft.graph.customSecurityAttributeValue",
        "Berth": format!("B{}", draw / 4 % 30),
        "Cranes@odata.type": "#Int32",
        "Cranes": draw / 120 % 9,
    }})
}

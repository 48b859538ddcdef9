//! The organization object and the tenant's licences.

use super::Tenant;
use super::names;
use super::view::{moment_seconds, write_id, write_timestamp};
use crate::protocol::json::Json;

impl Tenant {
    /// Writes the `organization` entity.
    pub(crate) fn write_organization(&self, json: &mut Json) {
        json.begin_object();
        json.key("id");
        write_id(self.id_of_tenant(), json);
        for name in ["deletedDateTime", "onPremisesLastSyncDateTime", "onPremisesSyncEnabled"] {
            json.key(name);
            json.null();
        }
        for (name, value) in [
            ("displayName", "Harbour Works"),
            ("city", "Rotterdam"),
            ("country", "Netherlands"),
            ("countryLetterCode", "NL"),
            ("preferredLanguage", "en"),
            ("tenantType", "AAD"),
        ] {
            json.key(name);
            json.string(value);
        }
        json.key("createdDateTime");
        json.text(|text| write_timestamp(text, moment_seconds(0) - 9 * 365 * 86_400));
        for name in
            ["businessPhones", "assignedPlans", "provisionedPlans", "technicalNotificationMails"]
        {
            json.key(name);
            json.raw(b"[]");
        }
        self.write_verified_domains(json);
        json.end_object();
    }

    fn write_verified_domains(&self, json: &mut Json) {
        json.key("verifiedDomains");
        json.begin_array();
        json.begin_object();
        for (name, value) in [
            ("capabilities", "Email, OfficeCommunicationsOnline"),
            ("name", self.domain()),
            ("type", "Managed"),
        ] {
            json.key(name);
            json.string(value);
        }
        for name in ["isDefault", "isInitial"] {
            json.key(name);
            json.boolean(true);
        }
        json.end_object();
        json.end_array();
    }

    /// Writes the licences the tenant has bought, as `subscribedSkus`.
    pub(crate) fn write_subscribed_skus(&self, json: &mut Json) {
        let id = self.id_of_tenant().to_string();
        for (index, (part, sku)) in names::LICENCES.iter().enumerate() {
            let units = self.schedule(super::Kind::User).base;
            json.begin_object();
            json.key("id");
            json.text(|text| {
                text.push(&id).push("_").push(sku);
            });
            for (name, value) in
                [("accountId", id.as_str()), ("skuId", *sku), ("skuPartNumber", *part)]
            {
                json.key(name);
                json.string(value);
            }
            json.key("appliesTo");
            json.string("User");
            json.key("capabilityStatus");
            json.string("Enabled");
            json.key("consumedUnits");
            json.number(units / (u64::try_from(index).expect("a handful of licences") + 2));
            json.key("prepaidUnits");
            json.begin_object();
            for (name, value) in
                [("enabled", units), ("lockedOut", 0), ("suspended", 0), ("warning", 0)]
            {
                json.key(name);
                json.number(value);
            }
            json.end_object();
            json.key("servicePlans");
            json.raw(b"[]");
            json.end_object();
        }
    }
}

//! Permissions: what a command declares against what Graph asks for.

use super::{Checker, Target};
use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::{Needs, PermissionSet};
use crate::source::Spanned;

impl Checker<'_> {
    /// GD0428, GD0429, GD0435.
    pub(super) fn permission(
        &self,
        command: &CommandSource<'_>,
        needs: &Needs,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        let Some(method) = command.method.as_ref().map(|method| method.value) else { return };
        let declared = &command.permission_names;
        let mut known = true;
        for (name, delegated) in declared {
            let finding = self.unknown_permission(name, *delegated);
            known &= finding.is_none();
            reading.report.extend(finding);
        }
        if needs.is_delegated_only()
            && self.app_only
            && !declared.iter().any(|(_, delegated)| *delegated)
        {
            let span = declared.first().map_or(command.name.span, |(name, _)| name.span);
            let names = needs.delegated.first().map(|set| set.join(" + ")).unwrap_or_default();
            let message = format!("Graph offers this only with a signed-in user (`{names}`)");
            let finding = Finding::new(Code::DelegatedOnly, span, message);
            reading
                .report
                .add(finding.help(format!("say so: `permission: {{ delegated: {names} }}`")));
            return;
        }
        let application: Vec<&Spanned<String>> =
            declared.iter().filter(|(_, delegated)| !delegated).map(|(name, _)| name).collect();
        let (Some(first), true) = (application.first(), known && !needs.application.is_empty())
        else {
            return;
        };
        let covers = |set: &PermissionSet| {
            set.iter().all(|it| application.iter().any(|name| name.value == *it))
        };
        if !needs.application.iter().any(covers) {
            let names: Vec<&str> = application.iter().map(|it| it.value.as_str()).collect();
            let message =
                format!("`{}` does not open `{}`", names.join(" + "), target.call(method));
            let finding = Finding::new(Code::WrongPermission, first.span, message);
            reading
                .report
                .add(finding.help(format!("Graph asks for {}", choice(&needs.application))));
        } else if application.len() == 1
            && needs.is_least_known
            && !needs.application.iter().take(needs.least_marks).any(covers)
        {
            let message = format!("`{}` is more than the call needs", first.value);
            let finding = Finding::new(Code::NotLeast, first.span, message);
            let least = &needs.application[..needs.least_marks.min(needs.application.len())];
            reading.report.add(finding.help(format!("least: {}", choice(least))));
        }
    }

    /// A name that Graph does not know, or not in this role.
    pub(super) fn unknown_permission(
        &self,
        name: &Spanned<String>,
        delegated: bool,
    ) -> Option<Finding> {
        let found = self.index.permission_kinds(&name.value);
        let finding = |message| Finding::new(Code::WrongPermission, name.span, message);
        let Some((as_application, as_delegated)) = found else {
            let message = format!("`{}` is no permission of Graph", name.value);
            let near = suggest(&name.value, self.index.permission_names());
            return Some(finding(message).did_you_mean(name.span, near));
        };
        if delegated && !as_delegated {
            return Some(finding(format!("`{}` is an application permission", name.value)));
        }
        if delegated || as_application {
            return None;
        }
        let wider = format!("{}.All", name.value);
        let wider = self
            .index
            .permission_kinds(&wider)
            .filter(|(application, _)| *application)
            .map(|_| wider);
        let message = format!("`{}` is a delegated permission", name.value);
        Some(match wider {
            Some(wider) => finding(message).did_you_mean(name.span, Some(&wider)),
            None => finding(message)
                .help(format!("write `permission: {{ delegated: {} }}`", name.value)),
        })
    }
}

/// `A, B + C, …`
fn choice(sets: &[PermissionSet]) -> String {
    let shown: Vec<String> =
        sets.iter().take(3).map(|set| format!("`{}`", set.join(" + "))).collect();
    let more = if sets.len() > 3 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

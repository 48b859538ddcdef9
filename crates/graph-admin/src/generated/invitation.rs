//! Commands of `invitation`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `invitation`.
#[derive(Clone, Copy, Debug)]
pub struct Invitation<'a>(pub(crate) &'a Admin);

impl Invitation<'_> {
    /// Invite a guest; an address that was invited before gets the same user again.
    ///
    /// `POST /v1.0/invitations`; least application permission: `User.Invite.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// `invited_user_email_address` is of type `email`.
    ///
    /// `invite_redirect_url` is of type `string`: Where the guest lands after accepting.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        invited_user_email_address: &str,
        invite_redirect_url: &str,
        options: InvitationCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("invitedUserEmailAddress", invited_user_email_address)
                .with("inviteRedirectUrl", invite_redirect_url),
        );
        self.0.run("invitation.create", arguments).await
    }

    /// Let a guest accept the invitation anew, with another address if need be.
    ///
    /// `POST /v1.0/invitations`; least application permission: `User.Invite.All`.
    ///
    /// Needs User.ReadWrite.All, to change the guest's address.
    ///
    /// Not offered in `govsg`.
    ///
    /// `user_id` is of type `guid`: The guest.
    ///
    /// `invited_user_email_address` is of type `email`.
    ///
    /// `invite_redirect_url` is of type `string`: Where the guest lands after accepting.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn reset_redemption(
        &self,
        user_id: &str,
        invited_user_email_address: &str,
        invite_redirect_url: &str,
        options: InvitationResetRedemptionOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("user_id", user_id)
                .with("invitedUserEmailAddress", invited_user_email_address)
                .with("inviteRedirectUrl", invite_redirect_url),
        );
        self.0.run("invitation.reset_redemption", arguments).await
    }
}

options! {
    /// Optional arguments of `invitation.create`.
    InvitationCreateOptions {
        /// `invitedUserDisplayName`, of type `string`.
        invited_user_display_name: String = "invitedUserDisplayName",
        /// `invitedUserType`, of type `enum`.
        invited_user_type: String = "invitedUserType",
        /// `sendInvitationMessage`, of type `bool`.
        send_invitation_message: bool = "sendInvitationMessage",
        /// A text of your own.
        customized_message_body: String = "customizedMessageBody",
    }
}

options! {
    /// Optional arguments of `invitation.reset_redemption`.
    InvitationResetRedemptionOptions {
        /// `invitedUserDisplayName`, of type `string`.
        invited_user_display_name: String = "invitedUserDisplayName",
        /// `sendInvitationMessage`, of type `bool`.
        send_invitation_message: bool = "sendInvitationMessage",
        /// A text of your own.
        customized_message_body: String = "customizedMessageBody",
    }
}

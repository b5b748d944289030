/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of properties/form: the form's values.
 */
#pragma once

#include "form/form.h"

typedef struct {
  char *text, *loaded; /* never NULL; secrets: erased when they go */
  NMSettingSecretFlags storage, loaded_storage; /* secrets */
  gboolean applied; /* when the connection was opened, it belonged on the page */
  gboolean touched;
  gboolean chosen; /* secrets: the user has said where it is kept */
  NoteLevel level;
  char *note;
} FormValue;

struct _Form {
  NMSettingVpn *setting; /* as it was opened */
  gboolean is_new; /* it had nothing of ours in it */
  FormValue *values; /* one for each field */
  char *problem, *unknown; /* what is in the way of saving; what is kept though only others may know it */
};

/* Does the field mean something, whether this version can do it or not? */
gboolean form_applies (const Form *form, guint field);
/* What counts: the text, else the default, else "". */
const char *form_effective (const Form *form, guint field);
/* By name. */
const char *form_get_named (const Form *form, const char *name);
gboolean form_is_changed (const Form *form, guint field);

/* form-load.c */
void form_load (Form *form);
NMSettingSecretFlags form_default_otp_storage (const Form *form);
/* form-store.c: the setting as the form would have it; the caller's */
NMSettingVpn *form_make_setting (const Form *form);

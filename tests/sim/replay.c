/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay [-v] FILE: repeats a recording of nm-ipsec-service (nm-ipsec-service(8), FILES). In a debugger, for example. */
#include "recorder/replay.h"

#include <stdlib.h>

static void
print (const char *line, gpointer data)
{
  g_print ("%s\n", line);
}

int
main (int argc, char **argv)
{
  gboolean verbose = FALSE;
  const GOptionEntry entries[] = {
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Print inputs and outputs", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE");
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  IkeReplayCounts counts = { 0 };
  gsize len;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      g_printerr ("%s\n", error ? error->message : "One file, please");
      return 2;
    }
  if (g_file_get_contents (argv[1], &file, &len, &error))
    ike_replay (ike_chunk (file, len), verbose ? print : NULL, NULL, &counts, &error);
  g_print ("%u runs, %u inputs, %u outputs, %u answers of the crypto provider\n", counts.runs, counts.inputs,
           counts.outputs, counts.answers);
  if (!error)
    return EXIT_SUCCESS;
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}

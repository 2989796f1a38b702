"""WHAT there is: atlas, hierarchy, curation, commands, session. No files, no Qt."""

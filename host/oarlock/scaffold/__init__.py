"""A plugin author's workbench, which `oarlock plugin` offers: write a plugin, test it, try it behind a gateway."""

"""A local web page that shows what a mount does. A process of its own, which asks the mount."""

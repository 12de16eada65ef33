"""Pictures: what a result shows at a glance, as data that SVG and matplotlib draw alike."""

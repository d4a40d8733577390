"""What is made in the background: images, snapshots, volumes, warm pools."""

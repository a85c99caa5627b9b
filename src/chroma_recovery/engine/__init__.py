"""The same graph without Nuke: images, evaluation, one file per node family, files in and out."""

# The order of the folders of src, and the size of what they hold. Each finding
# is reported as FILE:LINE. layers-fail.t shows that each kind is found.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Basename qw(basename dirname);
use File::Find qw(find);
use Test::More;

# Which folders a folder of src may include, beside itself. "top" is the files of
# src itself.
my %layers = (
	base       => [],
	fiber      => [qw(base)],
	http       => [qw(base)],
	config     => [qw(http base)],
	sandbox    => [qw(config http base)],
	plugin     => [qw(sandbox config http base)],
	handover   => [qw(plugin sandbox config base)],
	message    => [qw(config http fiber base)],
	accesslog  => [qw(message config http base)],
	connection => [qw(accesslog message plugin sandbox config http base)],
	worker     => [qw(connection message plugin sandbox config fiber base)],
	generation => [qw(worker connection accesslog handover plugin sandbox
	    config http base)],
	master     => [qw(handover plugin sandbox config base)],
	cli        => [qw(base)],
	top        => [qw(master generation connection accesslog message handover
	    plugin sandbox config http base)],
);

my $max_file_lines = 450;
my $max_function_lines = 50;

my $source = $ENV{PRONG_SRCDIR} or die 'PRONG_SRCDIR is not set';

sub lines_of {
	my ($name) = @_;
	open my $file, '<', "$source/$name" or return;
	return <$file>;
}

# The C files below these folders, by their paths from the top.
sub c_files {
	my @files;
	my $take = sub {
		push @files, substr $File::Find::name, length("$source/")
		    if /\.[ch]\z/;
	};
	find({ wanted => $take, no_chdir => 1 }, grep { -d } map { "$source/$_" } @_);
	return sort @files;
}

# "src/http/uri.c" is in "http", "src/main.c" in "top"; "plugins/flag/flag.c" is
# in "flag", and so would be "plugins/flag.c".
sub folder_of {
	my ($file) = @_;
	return $1 if $file =~ m{^(?:src|plugins)/([^/]+)/};
	return $1 if $file =~ m{^plugins/([^/.]+)\.};
	return 'top';
}

# What a file includes in quotes: pairs of a line number and a path.
sub includes {
	my ($file) = @_;
	my ($number, @found) = 0;
	for (lines_of($file)) {
		$number++;
		push @found, [ $number, $1 ] if /^\s*#\s*include\s*"([^"]*)"/;
	}
	return @found;
}

sub is_allowed {
	my ($path, @allowed) = @_;
	return grep { $path =~ m{^\Q$_\E/} } @allowed;
}

# The includes of a folder's files that the folder's list does not have. Those
# without a folder are findings of their own.
sub forbidden {
	my ($folder, $allowed, @files) = @_;
	my @found;
	for my $file (grep { folder_of($_) eq $folder } @files) {
		for (includes($file)) {
			my ($number, $path) = @$_;
			next if $path !~ m{/} || is_allowed($path, $folder, @$allowed);
			push @found, "$file:$number: includes \"$path\"; $folder "
			    . "may include " . join(', ', $folder, @$allowed);
		}
	}
	return @found;
}

# Headers of src itself have no folder to carry.
sub without_folder {
	my ($file) = @_;
	my @bare = grep { $_->[1] !~ m{^\w[^/]*/} } includes($file);
	@bare = grep { !-e "$source/src/$_->[1]" } @bare if $file =~ m{^src/};
	return map { "$file:$_->[0]: \"$_->[1]\" lacks its folder" } @bare;
}

# Automake makes a plugin of one file from its name alone.
sub unlisted {
	my ($file) = @_;
	my $list = $file =~ m{^plugins/} ? 'plugins/local.mk'
	    : dirname($file) . '/local.mk';
	my $text = join '', lines_of($list);
	return if $text =~ m{(?<!\S)\Q$file\E(?!\S)};
	return if $file =~ m{^(plugins/[^/]+)\.c\z} && $text =~ m{\Q$1.la\E};
	return "$file:1: is not in $list";
}

sub unmapped {
	my ($file, $map) = @_;
	my $module = basename($file);
	$module =~ s/\.[ch]\z//;
	return if $map =~ m{`(?:\w+/)*\Q$module\E(?:\.[ch])?`};
	return "$file:1: src/README.md does not name `$module`";
}

sub too_long {
	my ($file) = @_;
	my @lines = lines_of($file);
	return if @lines <= $max_file_lines;
	return "$file:" . ($max_file_lines + 1) . ': has ' . @lines
	    . " lines; at most $max_file_lines, look for the seam";
}

# A function's braces stand in the first column, and no other's do.
sub long_functions {
	my ($file) = @_;
	my ($number, $start, $name, @found) = 0;
	for (lines_of($file)) {
		$number++;
		$name = $1 if /^(\w+)\(/;
		$start = $number if /^\{/;
		next unless $start && /^\}/;
		my $length = $number - $start + 1;
		push @found, "$file:$start: $name has $length lines; at most "
		    . "$max_function_lines" if $length > $max_function_lines;
		$start = undef;
	}
	return @found;
}

sub none {
	my ($title, @findings) = @_;
	ok(!@findings, $title);
	diag($_) for @findings;
	return;
}

my @core = c_files('src');
my @plugins = c_files('plugins');
my @all = (@core, @plugins);

cmp_ok(scalar @core, '>', 0, 'there are sources');
my %unknown = map { folder_of($_) => 1 } @core;
delete @unknown{ keys %layers };
is(join(' ', sort keys %unknown), '', 'every folder of src has its layer');

for my $folder (sort keys %layers) {
	none("src: $folder includes what its layer permits",
	    forbidden($folder, $layers{$folder}, @core));
}
my %handlers = map { folder_of($_) => 1 } @plugins;
for my $handler (sort keys %handlers) {
	none("plugins: $handler includes nothing but itself and shared",
	    forbidden($handler, ['shared'], @plugins));
}
none('every include in quotes carries its folder',
    map { without_folder($_) } @all);
none('every file is in the local.mk of its folder', map { unlisted($_) } @all);
my $map = join '', lines_of('src/README.md');
none('the map names every module', map { unmapped($_, $map) } @core);
none("no file has more than $max_file_lines lines", map { too_long($_) } @all);
none("no function has more than $max_function_lines lines",
    map { long_functions($_) } @all);

done_testing;

# The folder of core files (core_dir), where the kernel needs what a broken
# connection then has, too: it can make files there, overwrite and remove those that
# are there. It reaches no further, and nobody else notices.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Hostile;

my $abi = Prong::Hostile::landlock_abi();
my $folder = folder('cores');
chmod 0777, $folder;
my $core = "$folder/core.4711";

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

my @rows = (
	[ 'create', "$folder/new", says('created') ],
	[ 'open_to_write', $core, says('opened') ],
	[ 'open', $core, says('EACCES'), abi2 => says('opened'),
	    off => says('opened') ],
	[ 'list', $folder, says('EACCES'), off => says('listed') ],
	[ 'make_folder', "$folder/folder", says('EACCES'),
	    off => says('made') ],
	[ 'make_link', "$folder/link", says('EACCES'), off => says('made') ],
	[ 'execute', $core, says('500', log => qr/SIGSYS/),
	    off => says('EACCES') ],
	[ 'rename', "$folder/new", says('renamed') ],
	[ 'remove', $core, says('removed') ],
	[ 'create', "$folder/../new", says('EACCES'), off =>
	    { skip => 'the folder may be the user\'s' } ],
);

sub world {
	my ($mode, %more) = @_;
	return Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    settings => "core_dir = \"$folder\";",
	    $mode eq 'abi2' ? (abi => 2) : (), %more);
}

sub clean {
	rmdir "$folder/folder";
	unlink glob "$folder/*";
	return;
}

sub try_rows {
	my ($mode, %more) = @_;
	my $world = world($mode, %more);
	# Of another process.
	write_file('cores/core.4711', 'the memory of another');
	chmod 0666, $core;
	my $who = $more{user} ? "$mode, an ordinary user's" : $mode;
	for my $row (@rows) {
		my ($deed, $with, $default, %of) = @$row;
		my $want = $of{$mode} || $default;
		(my $place = $with) =~ s/\A\Q$folder/core_dir/;
		SKIP: {
			skip "$who: $deed $place: $want->{skip}", 1
			    if $want->{skip};
			my @wrong = eval { $world->try($deed, $want,
			    with => $with) };
			push @wrong, $@ if $@;
			ok(!@wrong, "$who: $deed $place") or diag
			    join "\n", @wrong;
		}
	}
	is($world->stop, 0, "$who: the daemon stops");
	clean();
	return;
}

sub cores {
	my ($world) = @_;
	return scalar(() = $world->{daemon}->log =~ /left a core file/g);
}

# One core file ends those of connections that begin later, and of no other.
sub try_living {
	my ($mode) = @_;
	my $world = world($mode, settings => "core_dir = \"$folder\"; "
	    . 'max_request_time = "60 s";');
	my @living = map { my $client = $world->{daemon}->connect;
	    $client->request('GET', '/hostile?do=reallocate'); $client } 1 .. 3;
	for my $client (@living) {
		$client->send(Prong::request('GET',
		    "/hostile?do=dump&with=$folder"));
		$client->rest;
		$client->close;
	}
	ok(eval { wait_until { cores($world) == 3 } 'core files'; 1 },
	    "$mode: each of the connections that lived leaves a core file")
	    or diag $world->{daemon}->log;
	$world->settle;
	my $later = $world->send('dump', with => $folder);
	is($world->outcome($later), 'EPERM',
	    "$mode: a later one cannot raise its limit");
	$later = $world->send('null');
	is($world->outcome($later), '500', "$mode: and crashes");
	$world->settle;
	$world->settle_log;
	is(cores($world), 3, "$mode: and leaves none");
	is(join("\n", $world->noticed), '', "$mode: others notice nothing");
	is($world->stop, 0, "$mode: the daemon stops");
	clean();
	return;
}

# Processes that a handler starts count for nothing.
sub try_children {
	my ($mode) = @_;
	my $world = world($mode, handler => 'hostile_free');
	my @wrong = $world->try('dump_children', says('3 cores'),
	    with => "$folder 3");
	ok(!@wrong, "$mode: so does each process that a handler starts")
	    or diag join "\n", @wrong;
	is($world->stop, 0, "$mode: the daemon stops");
	clean();
	return;
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : 2);
		try_rows($mode);
		skip 'the server is an ordinary user\'s already', 1
		    unless running_as_root && $mode eq 'on';
		skip 'there is no setpriv', 1
		    if system 'setpriv --version >/dev/null 2>&1';
		try_rows($mode, user => 65534);
	}
}
SKIP: {
	skip 'core files do not land in the working folder here', 1
	    if read_file('/proc/sys/kernel/core_pattern') =~ m{[|/]};
	skip 'the sanitizers permit no core files', 1
	    if Prong::is_sanitized();
	try_living($_) for $abi >= 6 ? 'on' : (), 'off';
	try_children($_) for $abi >= 6 ? 'on' : (), 'off';
}

done_testing;

# A process that no signal ends, because it waits for a filesystem that does not
# answer: it keeps its slot, and nobody waits for it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Fuse;
use Prong::Hostile;
use Prong::Process;

# Far above what a busy machine needs.
my $patience = 15;

my $missing = Prong::Fuse::missing();
plan skip_all => $missing if $missing;

sub in_time {
	my ($title, $done) = @_;
	my $began = time;
	my $result = $done->();
	cmp_ok(time - $began, '<', $patience, $title);
	return $result;
}

# How many connections the server counts, that of this request among them.
sub counted {
	my ($world) = @_;
	my $answer = $world->{daemon}->get('/status?format=json');
	return decode_json($answer->{body})->{connections}{now};
}

# What ends has no memory any more, and so no title. It may have a guardian.
sub ending {
	my ($world) = @_;
	my ($pid) = grep { Prong::Process::title($_) eq '' }
	    map { $_, Prong::Process::living($_) }
	    Prong::Process::living($world->{generation});
	return $pid;
}

# A handler opens the file, and ends with its connection.
sub get_stuck {
	my ($world, $fuse) = @_;
	my $sent = $world->send('open', with => '%folder/own/fuse/file');
	# The end of the process would close the client's socket.
	is($sent->{client}->answer('GET')->{body}, "opened\n",
	    'the file is opened');
	ok($fuse->wait_flush, 'and cannot be closed');
	$sent->{client}->close;
	return wait_until { ending($world) } 'a process that ends';
}

sub try_handler {
	my ($handler) = @_;
	my $mount = folder('own/fuse');
	my $fuse = Prong::Fuse->mount($mount);
	SKIP: {
		skip "$handler: FUSE cannot be mounted: $!", 1 unless $fuse;
		my $world = Prong::Hostile->start(mode => 'on',
		    handler => $handler, settings => 'stop_grace = "500 ms";');
		my $pid = get_stuck($world, $fuse);
		kill 'KILL', $pid;
		is(in_time("$handler: others are served at once",
		    sub { join "\n", $world->honest }), '', 'as before');
		ok(Prong::Process::lives($pid), 'SIGKILL does not end it');
		wait_until { counted($world) == 3 } 'the end of others';
		pass('it keeps its slot, and is counted');
		is(in_time('a reload does not wait for it', sub {
		    Prong::prong('-s', $world->{control}, 'reload')
		    ->{status} }), 0, 'and is done');
		is(in_time('the new generation serves', sub {
		    $world->{daemon}->get('/known')->{status} }), 200,
		    'as the old one did');
		is(in_time('nor does the stop', sub { $world->stop }), 0,
		    'the daemon stops');
		like($world->{daemon}->log,
		    qr/1 connection processes do not end, not even by SIGKILL; they are left behind/,
		    'and says so') if $handler eq 'hostile';
		ok(Prong::Process::lives($pid), 'it is left behind');
		$fuse->end;
		wait_until { !Prong::Process::lives($pid) } 'its end';
		pass('and ends when the filesystem has gone');
	}
	$fuse->end if $fuse;
	return;
}

try_handler($_) for 'hostile', 'hostile_free';

done_testing;

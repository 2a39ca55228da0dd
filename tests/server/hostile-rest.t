# A handler that writes into what people look at, the status page: its row shows
# what it likes, in printable characters, and the totals neither jump nor go down. And one whose number is another's when
# the master looks who has asked.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use POSIX ();
use Socket;
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();

# Texts that a terminal obeys, or that pretend to be another line.
my %texts = (
	'an escape sequence' => "\e]0;title\a\e[31m",
	'controls beyond ASCII' => "\xc2\x9b31m\xc2\x85\xc2\x9d0;t\xc2\x9c",
	'the same as single octets' => "\x9b31m\x85\x9d",
	'marks of direction' => "\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8",
	'broken UTF-8' => "\xed\xa0\x80\xf5\xc0\x80\xe2\x80",
	'another row' => "\n   1  handling  0:0  1  static  127.0.0.1:1  GET",
	'another column' => 'static  127.0.0.1:1  GET /',
	'the end of a string' => '"},{"pid":1,"client":"\\',
	'a page' => '</pre><script>alert(1)</script>',
	'a format' => '%-s%-n%-1000d',
);

# A form of the page, once connections that have ended have left it.
sub page {
	my ($world, $form, $rows) = @_;
	my $now = $form eq 'json' ? qr{"connections":\{"now":(\d+)}
	    : qr{^connections +(\d+) now}m;
	return wait_until {
		my $page = $world->{daemon}->get("/status?format=$form");
		$page->{body} =~ $now && $1 == $rows ? $page->{body} : undef;
	} "$rows rows";
}

# All that shows connections.
sub check_page {
	my ($world, $name, $rows) = @_;
	my $text = page($world, 'text', $rows);
	like($text, qr/\A[\n\x20-\x7e]*\z/, "$name: text is printable ASCII");
	my ($table) = $text =~ /^ +pid .*\n((?:.*\n)*)\z/m;
	is(scalar(() = $table =~ /\n/g), $rows, 'with a line for each row');
	is(scalar(grep { !/\A {0,7}\d+  \S+ +(\d+d )?[\d:]{8} +\d+  \S* +\S+ +\S/
	    } split /\n/, $table), 0, 'and its columns');
	my $json = page($world, 'json', $rows);
	unlike($json, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|<
	    |\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c/x,
	    "$name: JSON has no controls");
	ok(utf8::decode(my $copy = $json), 'it is UTF-8');
	my $status = eval { decode_json($json) } || { table => [] };
	is(scalar @{$status->{table}}, $rows, 'and JSON, with all rows');
	return;
}

# Shows what one or several of them have written, while they stay.
sub look_at {
	my ($world, $name, @deeds) = @_;
	my @sent = map { $world->send($_->[0], with => $_->[1]) } @deeds;
	for my $sent (@sent) {
		my $client = $sent->{client};
		until ($client->{got} =~ /^\.\r?$/m) {
			$client->fill or die "no row: $client->{got}";
		}
	}
	my @wrong = $world->honest;
	check_page($world, $name, @sent + 2);
	$_->{client}->close for @sent;
	$world->settle;
	push @wrong, $world->noticed;
	is("@wrong", '', "$name: others notice nothing");
	return;
}

# All that is counted, as one flat hash.
sub counters {
	my ($world) = @_;
	my $s = decode_json($world->{daemon}->get('/status?format=json')->{body});
	return (requests => $s->{requests}, dropped => $s->{log}{dropped},
	    %{$s->{responses}}, map { ("octets $_" => $s->{bytes}{$_}) }
	    keys %{$s->{bytes}});
}

# Beyond what a connection that lives so shortly can have done.
my $insane = 2 ** 44;

# What a connection claims while it lives, and at its end.
sub count_with {
	my ($world, $title, $claim, $end) = @_;
	my %before = counters($world);
	my $sent = $world->send('claim_counts', with => "$claim $end");
	if ($end) {
		$world->outcome($sent);
	} else {
		my $client = $sent->{client};
		1 while $client->{got} !~ /^\.\r?$/m && $client->fill;
	}
	my @wrong = $world->honest;
	my %now = counters($world);
	push @wrong, map { "$_: $before{$_}, then $now{$_}" } grep {
	    $now{$_} < $before{$_} || $now{$_} > $insane } sort keys %now;
	$sent->{client}->close unless $end;
	$world->settle;
	# While it lives it can take back what it has claimed.
	my %then = counters($world);
	push @wrong, map { "$_: $before{$_}, at last $then{$_}" } grep {
	    $then{$_} < $before{$_} || $then{$_} > $insane } sort keys %then;
	push @wrong, $world->noticed;
	is(join("\n", @wrong), '', $title . ($end ? ', and ends' : ''));
	return;
}

sub try_counts {
	my ($world, $title) = @_;
	for my $claim ('0xffffffffffffffff', '0xfffffffffffffff0',
	    '0x8000000000000000', '0x0fffffffffffffff') {
		count_with($world, "$title: no total jumps when a page claims "
		    . $claim, $claim, $_) for '', 'end';
	}
	$world->settle_log;
	my @lines = grep { $_ > $insane }
	    $world->{daemon}->log =~ /(\d+) lines of the access log were/g;
	is("@lines", '', "$title: nor does the log count such lines");
	return;
}

sub try_world {
	my ($mode, %how) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    $mode eq 'abi2' ? (abi => 2) : (), %how);
	my $title = $how{user} ? "$mode, an ordinary user's" : $mode;
	look_at($world, "$title: every octet",
	    map { [ 'paint_page', $_ * 31 ] } 0 .. 8);
	look_at($world, "$title: $_", [ 'write_page', $texts{$_} ])
	    for sort keys %texts;
	try_counts($world, $title);
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# How many sockets /proc has at a path: the listener, and each connection to it.
sub sockets_at {
	my ($path) = @_;
	return scalar grep { / \Q$path\E$/ } split /\n/,
	    read_file('/proc/net/unix');
}

# A process with that number, which waits; undef where that cannot be had.
sub fork_with_number {
	my ($wanted) = @_;
	for (1 .. 500) {
		open my $last, '>', '/proc/sys/kernel/ns_last_pid' or return;
		syswrite $last, $wanted - 1 or return;
		close $last;
		my $pid = fork // die "fork: $!";
		exec 'sleep', 1000 if !$pid;
		return $pid if $pid == $wanted;
		kill 'KILL', $pid;
		waitpid $pid, 0;
	}
	return;
}

# Whether the kernel holds who has connected (SO_PEERPIDFD, Linux 6.5).
sub holds_peers {
	socketpair my $one, my $other, AF_UNIX, SOCK_STREAM, PF_UNSPEC
	    or die "socketpair: $!";
	my $pidfd = getsockopt $one, SOL_SOCKET, 77;
	POSIX::close(unpack 'i', $pidfd) if $pidfd;
	return defined $pidfd;
}

# A process of a handler asks the master, which is busy, and ends; its number is
# that of a process that would be obeyed before the master looks.
sub ask_and_end {
	my ($world, $is_used_again) = @_;
	my $master = $world->{daemon}->pid;
	kill 'STOP', $master;
	my $sent = $world->send('ask_master', with => '%control stop');
	wait_until { sockets_at($world->{control}) == 2 } 'its connection';
	my ($guardian) = grep { $_ != $world->{sibling} }
	    Prong::Process::children($world->{generation});
	my ($pid) = Prong::Process::children($guardian);
	kill 'KILL', $pid;
	# The guardian has waited for it, so that its number is free.
	wait_until { !Prong::Process::stat_of($pid) } 'its end';
	my $other = $is_used_again ? fork_with_number($pid) : undef;
	kill 'CONT', $master;
	SKIP: {
		skip 'no process got its number', 1
		    if $is_used_again && !$other;
		skip 'this kernel does not hold who has connected', 1
		    if $other && !holds_peers();
		ok(eval { wait_until { $world->log_since($sent) =~
		    /a request is refused: the process that asks has ended/ } },
		    'who has ended is refused' . ($other
		    ? ', also where another process has the number' : ''))
		    or diag $world->log_since($sent);
	}
	if ($other) {
		kill 'KILL', $other;
		waitpid $other, 0;
	}
	$sent->{client}->close;
	$world->settle;
	is(join(' ', $world->noticed), '', 'others notice nothing');
	return;
}

sub try_numbers {
	my $world = Prong::Hostile->start(mode => 'on',
	    handler => 'hostile_free', user => 65534);
	ask_and_end($world, $_) for 0, 1;
	is($world->stop, 0, 'the daemon stops');
	return;
}

try_world('on') if $abi >= 6;
try_world('abi2') if $abi >= 2;
try_world('off');
SKIP: {
	skip 'an ordinary user tests already', 1 unless running_as_root;
	skip 'there is no setpriv', 1
	    if system 'setpriv --version >/dev/null 2>&1';
	try_world('on', user => 65534);
	try_numbers();
}

done_testing;

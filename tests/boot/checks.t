# What the packages do under systemd. "boot" runs this in a system that is
# thrown away afterwards: it installs, upgrades, kills and purges there.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $drop_ins = '/etc/systemd/system/prong.service.d';
my $conf = '/etc/prong/prongd.conf';
my $log = '/var/log/prong/access.log';

# The output of a command, both kinds.
sub output {
	my ($command) = @_;
	my $text = qx{($command) 2>&1};
	chomp $text;
	return $text;
}

# Whether it succeeds.
sub done {
	my ($command) = @_;
	my $text = output($command);
	return 1 if $? == 0;
	diag "$command: $text";
	return 0;
}

sub read_file {
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!";
	local $/;
	return scalar <$file>;
}

sub write_file {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!";
	print $file $text;
	close $file or die "$path: $!";
	return;
}

sub property {
	return join '/', map { output("systemctl show -P $_ prong") } @_;
}

sub curl {
	my ($target) = @_;
	return output("curl -sg --max-time 20 'http://127.0.0.1$target'");
}

sub code {
	my ($url) = @_;
	return output("curl -sg --max-time 20 -o /dev/null -w '%{http_code}' "
	    . "'$url'");
}

sub serves {
	my ($what) = @_;
	return is(join(' ', code('http://127.0.0.1/'), code('http://[::1]/'),
	    curl('/flag'), code('http://127.0.0.1/status')),
	    '200 200 up 200', $what);
}

sub journal {
	my ($since, @options) = @_;
	return output("journalctl -u prong -o cat --since \@$since @options");
}

sub processes {
	return split /\s+/, read_file(
	    '/sys/fs/cgroup/system.slice/prong.service/cgroup.procs');
}

sub wait_until (&$) {
	my ($condition, $what) = @_;
	my $until = time + 60;
	until ($condition->()) {
		die "in vain waited for $what" if time > $until;
		sleep 0.02;
	}
	return;
}

sub drop_in {
	my ($name, $text) = @_;
	mkdir $drop_ins;
	write_file("$drop_ins/$name.conf", $text) if defined $text;
	unlink "$drop_ins/$name.conf" unless defined $text;
	return output('systemctl daemon-reload; systemctl reset-failed prong');
}

# Clients: why an answer was not whole, or ''; and whether it was the last.
sub get {
	my ($socket) = @_;
	my ($got, $n) = '';
	syswrite $socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	until ($got =~ /\r\n\r\n/) {
		$n = sysread $socket, $got, 4096, length $got;
		return defined $n ? 'closed' : "$!" unless $n;
	}
	my ($head, $body) = split /\r\n\r\n/, $got, 2;
	my ($length) = $head =~ m{\AHTTP/1\.1 200 .*Content-Length: (\d+)}s
	    or return $head;
	while (length $body < $length) {
		$n = sysread $socket, $body, 65536, length $body;
		return 'cut' unless $n;
	}
	return ('', $head =~ /Connection: close/);
}

sub client {
	my ($keeps, $to) = @_;
	my ($socket, $stop, $good, @bad);
	local $SIG{TERM} = sub { $stop = 1 };
	local $SIG{PIPE} = 'IGNORE';
	until ($stop) {
		$socket ||= IO::Socket::INET->new(PeerAddr => '127.0.0.1:80');
		my ($why, $last) = $socket ? get($socket) : ("connect: $!");
		# The signal has interrupted it.
		last if $stop;
		push @bad, $why if $why;
		$good++ unless $why;
		undef $socket if $why || $last || !$keeps;
		sleep 0.01 if $keeps || $why;
	}
	syswrite $to, join ' ', $good || 0, scalar(@bad), $bad[0] // '';
	POSIX::_exit(0);
}

# Runs something beside clients, new and kept ones; "" or what failed.
sub beside {
	my ($kept, $change) = @_;
	my @clients = map {
		pipe my $from, my $to or die "pipe: $!";
		my $pid = fork // die "fork: $!";
		client($_ > 3, $to) unless $pid;
		[ $pid, $from ];
	} 1 .. 3 + $kept;
	sleep 0.5;
	$change->();
	sleep 0.5;
	kill 'TERM', map { $_->[0] } @clients;
	my ($good, $failures) = (0, '');
	for (@clients) {
		sysread $_->[1], my $text, 4096;
		waitpid $_->[0], 0;
		my ($n, $bad, $why) = split / /, $text, 3;
		$good += $n;
		$failures .= "$bad failed: $why; " if $bad;
	}
	note "$good requests";
	return $good > 0 ? $failures : 'no request was answered';
}

sub breaks {
	write_file($conf, read_file($conf) =~ s/^access_log/acess_log/mr);
	return;
}

sub mends {
	write_file($conf, read_file($conf) =~ s/^acess_log/access_log/mr);
	return;
}

# A rotation in that state of the server: quiet and successful.
sub rotates_quietly {
	my ($state) = @_;
	return is(output('logrotate -f /etc/logrotate.d/prong') . "/$?", '/0',
	    "a rotation is quiet when the server is $state");
}

# First installation.
ok(done('dpkg -i /root/first.deb'), 'the package is installed');
is(property(qw(ActiveState SubState Type)), 'active/running/notify',
    'its service runs');
serves('and serves');
like(output('systemctl status prong'), qr/Status: "generation 1 serves"/,
    'it says what it does');
is(output('ps -o user=,group= -p ' . join(',', processes()) . ' | sort -u'),
    'prong    prong', 'all its processes are of the user prong');
is(output("stat -c '%U %G %a' /var/log/prong $log"),
    "prong adm 2750\nprong adm 640", 'who may read the logs');
wait_until { output("grep -c . $log") >= 4 } 'the log';
is(output("grep -c . $log"), 4, 'the log has a line for each request');
ok(done('prong status'), 'root may ask');
like(output('runuser -u nobody prong status'), qr/Permission denied/,
    'another user may not');

ok(done('sh /root/serve'), 'the test that the package brings passes');

# Reloads.
ok(done('systemctl reload prong'), 'a reload');
breaks();
my $since = time;
output('systemctl reload prong');
isnt($?, 0, 'with a faulty configuration it fails');
like(journal($since, '-p err'), qr/prongd\.conf:\d+: acess_log: found an unknown/,
    'the journal says why, as an error');
is(property('ActiveState'), 'active', 'the service is active');
serves('and serves');
mends();
ok(done('systemctl reload prong'), 'mended, it succeeds');

# Upgrades.
my $master = property('MainPID');
is(beside(2, sub { ok(done('prong upgrade'), 'prong upgrade') }), '',
    'beside it nothing fails');
is(beside(2, sub {
	ok(done('dpkg -i /root/next.deb'), 'an upgrade of the package');
}), '', 'beside it nothing fails');
is(property(qw(MainPID ActiveState NRestarts)), "$master/active/0",
    'the process is the same');
is(readlink "/proc/$master/exe", '/usr/sbin/prongd', 'the program is another');
breaks();
ok(done('dpkg -i /root/first.deb'), 'with a faulty configuration the package '
    . 'can be installed');
is(property(qw(MainPID ActiveState)), "$master/active", 'the server goes on');
mends();
ok(done('prong upgrade'), 'until it is mended');
write_file('/usr/sbin/policy-rc.d', "#!/bin/sh\nexit 101\n");
chmod 0755, '/usr/sbin/policy-rc.d';
ok(done('dpkg -i /root/next.deb'), 'where policy-rc.d forbids it');
like(readlink "/proc/$master/exe", qr/deleted/, 'nothing is upgraded');
unlink '/usr/sbin/policy-rc.d';

# A package with handlers.
{
	my ($plugins) = glob '/usr/lib/*/prong';
	my $folder = '/root/handler';
	output("mkdir -p $folder/DEBIAN $folder$plugins; "
	    . "cp $plugins/echo.so $folder$plugins/other.so");
	write_file("$folder/DEBIAN/control", "Package: other\nVersion: 1\n"
	    . "Architecture: all\nMaintainer: a <a\@b.example>\n"
	    . "Depends: prong-abi-1 (>= 1.0)\nDescription: a handler\n");
	output("dpkg-deb -b $folder /root/handler.deb");
	my $number = sub {
		return (output('prong status') =~ /(\d+), process \d+, serving, /)[0];
	};
	my $before = $number->();
	ok(done('dpkg -i /root/handler.deb'), 'a handler is installed');
	is($number->(), $before + 1, 'and the server has reloaded once');
	ok(done('dpkg -P other'), 'it is removed');
	is($number->(), $before + 2, 'and the server has reloaded again');
	breaks();
	like(output('dpkg -i /root/handler.deb; dpkg -P other') . $?,
	    qr/acess_log.*goes on with the handlers.*0\z/s,
	    'with a faulty configuration it goes on, and says so');
	mends();
}

# Rotation.
ok(done('prong reopen && rm -f ' . "$log* && prong reopen"), 'new logs');
is(beside(2, sub {
	ok(done('logrotate -f /etc/logrotate.d/prong'), 'a rotation');
}), '', 'beside it nothing fails');
is(output("ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c 'access.log.1\$'"), 0,
    'nobody has the old file open');
ok(done('logrotate -f /etc/logrotate.d/prong'), 'another one');
is(output('ls /var/log/prong | paste -sd" "'),
    'access.log access.log.1 access.log.2.gz', 'compresses the file before');
is(output("stat -c '%U %G %a' $log"), 'prong adm 640', 'who may read is the '
    . 'same');
write_file($conf, 'control = "/run/prong/other";' . "\n" . read_file($conf));
ok(done('systemctl restart prong'), 'another control socket');
rotates_quietly('to be commanded elsewhere');
wait_until { -e $log } 'the new log';
serves('it serves');
wait_until { -s $log } 'lines in the new log';
is(output("ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c 'access.log.1\$'"), 0,
    'nobody has the old file open');
$master = property('MainPID');
is(beside(2, sub {
	ok(done('dpkg -i /root/first.deb'), 'an upgrade of the package');
	is(readlink "/proc/$master/exe", '/usr/sbin/prongd',
	    'takes effect');
}), '', 'beside it nothing fails');
is(property(qw(MainPID ActiveState NRestarts)), "$master/active/0",
    'the process is the same');
write_file($conf, read_file($conf) =~ s/\A.*\n//r);
ok(done('systemctl restart prong'), 'the usual one');

# The watchdog, and deaths.
drop_in('test', "[Service]\nWatchdogSec=3s\n");
ok(done('systemctl restart prong'), 'a watchdog');
ok(done('prong upgrade'), 'and an upgrade');
$master = property('MainPID');
sleep 5;
is(property('MainPID'), $master, 'it is content');
for my $signal (qw(STOP KILL)) {
	my @before = processes();
	$master = property('MainPID');
	my $from = time;
	kill $signal, $master;
	wait_until { property('MainPID') !~ /\A(0|$master)\z/
	    && property('ActiveState') eq 'active' } "the end of SIG$signal";
	note sprintf 'SIG%s: %.1f s', $signal, time - $from;
	serves("after SIG$signal another master serves");
	is_deeply([ grep { -e "/proc/$_" } @before ], [], 'nobody is left');
}
drop_in('test');

# Ends.
ok(done('systemctl restart prong && prong stop'), 'prong stop');
sleep 1;
is(property(qw(ActiveState Result)), 'inactive/success', 'ends the service');
rotates_quietly('stopped');
$since = time;
ok(done('systemctl start prong && prong drain "1 s"'), 'prong drain');
cmp_ok(time - $since, '<', 20, 'does not take long without clients');
sleep 1;
is(property(qw(ActiveState Result)), 'inactive/success', 'ends the service');

# The socket.
ok(done('systemctl enable --now prong.socket && systemctl start prong'),
    'behind its socket');
serves('it serves');
is(beside(0, sub {
	for (1 .. 4) {
		output('systemctl reset-failed prong');
		ok(done('systemctl restart prong'), 'a restart');
		sleep 0.5;
	}
}), '', 'no new client is refused or cut');
$master = property('MainPID');
is(beside(2, sub {
	ok(done('dpkg -i /root/first.deb'), 'an upgrade of the package');
}), '', 'beside it nothing fails');
is(property(qw(MainPID ActiveState NRestarts)), "$master/active/0",
    'the process is the same');
is(output('systemctl is-active prong.socket'), 'active',
    'and the socket listens');
output('systemctl stop prong');
serves('a client starts the service');

# The drop-ins.
for my $name (qw(socket root)) {
	output('systemctl disable --now prong.socket') if $name eq 'root';
	drop_in($name,
	    read_file("/usr/share/doc/prong/examples/$name.conf"));
	ok(done('systemctl restart prong'), "with $name.conf");
	serves('it serves');
	$master = property('MainPID');
	ok(done('prong status'), 'root may ask');
	ok(done('systemctl reload prong'), 'a reload');
	is(beside(2, sub {
		ok(done('prong upgrade'), 'an upgrade');
	}), '', 'beside it nothing fails');
	is(beside(2, sub {
		ok(done('dpkg -i /root/next.deb'), 'an upgrade of the package');
	}), '', 'beside it nothing fails');
	is(property('MainPID'), $master, 'the process is the same');
	is(output("stat -c '%U %G %a' /var/log/prong $log"),
	    "prong adm 2750\nprong adm 640", 'and the logs are whose they were');
	rotates_quietly("under $name.conf");
	drop_in($name);
}
ok(done('systemctl restart prong'), 'without them');
serves('it serves again');
note +(split /\n/, output('systemd-analyze security prong'))[-1];

# The end of it.
my @before = processes();
ok(done('systemctl enable --now prong.socket; dpkg -r prong'),
    'the package is removed');
is_deeply([ grep { -e "/proc/$_" } @before ], [], 'nobody is left');
is(output('ss -Hltn'), '', 'and nobody listens');
rotates_quietly('removed');
my $other = IO::Socket::INET->new(LocalAddr => '0.0.0.0:80', Listen => 1,
    ReuseAddr => 1) or die "port 80: $!";
like(output('dpkg -i /root/first.deb'), qr/^prong:\ the\ server\ does\ not\ run:\n
    (?:.*\n)*.*0\.0\.0\.0:80.*in\ use.*\n
    (?:.*\n)*prong:\ listen\ in\ \S+\ chooses/mx,
    'where port 80 is taken, the installation says so');
close $other;
ok(done('systemctl reset-failed prong; systemctl restart prong'),
    'it starts when the port is free');
serves('and serves');
ok(done('dpkg -P prong'), 'and purged');
ok(!-e '/var/www/html/index.html', 'the first page goes as it was');
is(output('find /etc /lib /run /usr /var -xdev -name "*prong*" '
    . '-not -name "prong*.deb"'), '', 'nothing is left');

done_testing;

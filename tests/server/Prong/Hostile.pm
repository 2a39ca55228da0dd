# A daemon with a handler that does harm (tests/plugins/hostile), and honest
# clients beside it that notice anything which is not as before.
#
# SPDX-License-Identifier: ISC
package Prong::Hostile;
use strict;
use warnings;

use Carp qw(croak);
use File::Copy qw(copy);
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use Prong qw(folder write_file config wait_until);
use Prong::Process;

# How much the generation may grow while a row is tried, in KiB: pages that a
# fork has made it copy.
my $growth_kib = 1024;

# What the kernel's Landlock can do (landlock(7)); 0: it has none.
sub landlock_abi {
	# SYS_landlock_create_ruleset has this number everywhere but on alpha.
	my $abi = syscall 444, 0, 0, 1;
	return $abi > 0 ? $abi : 0;
}

# The environment of a server whose Landlock can do no more than that version,
# as with an older kernel.
sub environment_of_abi {
	my ($abi) = @_;
	my $library = folder('preload') . '/landlock_abi.so';
	copy("$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/landlock_abi.so",
	    $library) or die "$library: $!" unless -e $library;
	chmod 0644, $library;
	return (PRONG_LANDLOCK_ABI => $abi, LD_PRELOAD => $library,
	    # The sanitizer wants to be the first library.
	    ASAN_OPTIONS => join ':', $ENV{ASAN_OPTIONS} // (),
	    'verify_asan_link_order=0');
}

# The numbers of seccomp and prctl.
my %numbers = (x86_64 => [ 317, 157 ], aarch64 => [ 277, 167 ]);

sub knows_numbers {
	return exists $numbers{(POSIX::uname())[4]};
}

# A program that becomes prongd, with a filter that lets it run as where the
# kernel lacks a system call: that number, or all of seccomp.
sub program_without {
	my ($lack) = @_;
	my ($seccomp, $prctl) = @{ $numbers{(POSIX::uname())[4]} };
	my $number = $lack eq 'seccomp' ? $seccomp : $lack;
	my $run = write_file("without-$lack", <<"PERL");
#!$^X
use strict;
use warnings;
# ENOSYS for the number; EINVAL for prctl(PR_SET_SECCOMP) as well where that is
# seccomp's.
sub step { return pack 'S C C L', \@_ }
my \$code = step(0x20, 0, 0, 0)
    . step(0x15, 0, 1, $number) . step(0x06, 0, 0, 0x50000 + 38);
\$code .= step(0x15, 0, 3, $prctl) . step(0x20, 0, 0, 16)
    . step(0x15, 0, 1, 22) . step(0x06, 0, 0, 0x50000 + 22)
    if $number == $seccomp;
\$code .= step(0x06, 0, 0, 0x7fff0000);
my \$program = pack 'S x![P] P', length(\$code) / 8, \$code;
syscall($prctl, 38, 1, 0, 0, 0) == 0
    && syscall($seccomp, 1, 0, \$program) == 0 or die "seccomp: \$!";
exec '$ENV{PRONGD}', \@ARGV;
PERL
	chmod 0755, $run;
	return $run;
}

sub plugin_folder {
	my $own = "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs";
	my $to = folder('plugins');
	return $to if -e "$to/hostile.so";
	for my $from (glob "$own/hostile*.so $ENV{PRONG_PLUGINS}/*.so") {
		my ($name) = $from =~ m{([^/]+)\z};
		copy($from, "$to/$name") or die "$from: $!";
		chmod 0644, "$to/$name";
	}
	return $to;
}

# Runs the daemon as that user, from root, and with at most so many descriptors.
sub wrapped {
	my ($user, $limit) = @_;
	my $as = $user ? "setpriv --reuid $user --regid $user --clear-groups"
	    : '';
	my $run = write_file("run-$user-$limit", "#!/bin/sh\n"
	    . ($limit ? "ulimit -n $limit\n" : '')
	    . "exec $as '$ENV{PRONGD}' \"\$@\"\n");
	chmod 0755, $run;
	return $run;
}

my $worlds = 0;

# Where only this world's daemon writes.
sub own_folder {
	my ($self, $name) = @_;
	my $folder = folder("$name$self->{world}");
	chown $self->{user}, $self->{user}, $folder if $self->{user};
	return $folder;
}

# start(mode => 'on', handler => 'hostile', settings => '...', idle => '1 s',
#     options => '...', routes => '...', user => 65534, limit => 1024,
#     penalty => '2 s', crashes => 20,
#     abi => 2, without => 'seccomp': as on a kernel that has no more,
#     hidden => 1: the scoreboard does not name the handler)
sub start {
	my ($class, %self) = @_;
	$self{world} = ++$worlds;
	local $ENV{PRONGD} = wrapped($self{user} || 0, $self{limit} || 0)
	    if $self{user} || $self{limit};
	local $ENV{PRONGD} = program_without($self{without}) if $self{without};
	local %ENV = (%ENV, environment_of_abi($self{abi}))
	    if defined $self{abi};
	my $self = bless { %self, known => join('', map { chr $_ * 7 % 256 }
	    1 .. 30000) }, $class;
	write_file('www/known', $self->{known});
	write_file('own/file', "own\n");
	write_file('other/file', "other\n");
	write_file('other/spare', "spare\n");
	$self->{config} = config($self->text);
	$self->{control} = $self->{control_path}
	    || $self->own_folder('run') . '/control';
	$self->{daemon} = Prong::start($self->{config}, '--control',
	    $self->{control});
	# Who asks there is to be refused, not kept away by the file's mode.
	chmod 0666, $self->{control} or die "$self->{control}: $!";
	($self->{generation}) =
	    Prong::Process::children($self->{daemon}->pid);
	$self->begin;
	return $self;
}

sub text {
	my ($self) = @_;
	my $sandbox = $self->{mode} =~ /\A(off|log)\z/ ? $1 : 'on';
	my $log = $self->{user} ? $self->own_folder('log') : folder('log');
	return sprintf <<'CONF', plugin_folder(), $self->{settings} || '',
plugin_dir = "%s";
%s
sandbox = "%s";
crash_penalty = "%s";
max_crashes = %d;
access_log = "%s/access.log";
max_requests = 0;
idle_timeout = "%s";
sites = ( { routes = (
  { path = "/"; static = { root = "%s"; }; },
  { path = "/other"; static = { root = "%s"; }; },
  { path = "/status"; status = { }; },
  { path = "/hostile"; %s = { own = "%s"; %s }; },
  { path = "/time"; %s = { }; max_request_time = "300 ms"; },
  { path = "/cpu"; %s = { }; max_cpu_time = "1 s"; },
  { path = "/small"; %s = { }; max_memory = "64 MiB"; max_open_files = 64; }%s
); } );
CONF
	    $sandbox, $self->{penalty} || '0 s', $self->{crashes} || 0, $log,
	    $self->{idle} || '10 min', folder('www'), folder('other'),
	    $self->{handler}, folder('own'), $self->{options} || '',
	    ($self->{handler}) x 3, $self->{routes} || '';
}

# A kept connection in a slot behind the one that the hostile handler gets, or in a
# worker. The sibling is the process that serves it; the processes of connections
# that stay are counted.
sub begin {
	my ($self) = @_;
	my $first = $self->{daemon}->connect;
	$first->request('GET', '/known');
	$self->{kept} = $self->{daemon}->connect;
	$self->{kept}->request('GET', '/known');
	$self->{port} = $self->{kept}->socket->sockport;
	$first->close;
	my @workers = $self->workers;
	$self->{children} = @workers ? 0 : 1;
	$self->settle;
	$self->{sibling} = @workers ? $self->slot->{pid}
	    : (Prong::Process::children($self->{generation}))[0];
	# Once through everything that takes memory the first time.
	$self->{daemon}->request('GET', '/hostile?do=stat&with=/');
	$self->look(1);
	$self->settle;
	return;
}

sub workers {
	my ($self) = @_;
	my @workers;
	wait_until { @workers = Prong::Process::workers($self->{generation});
	    @workers >= $self->wanted_workers } 'workers';
	return @workers;
}

sub wanted_workers {
	my ($self) = @_;
	return ($self->{settings} || '') =~ /workers = (\d+)/ ? $1
	    : $ENV{PRONG_WORKERS} || 0;
}

# Until all connections but the kept one have ended, and what they started; and until
# the generation has seen it, and logged what there is to log.
sub settle {
	my ($self) = @_;
	my $generation = $self->{generation};
	wait_until { Prong::Process::children($generation)
	    <= $self->{children} && !Prong::Process::zombies($generation) }
	    'the end of other connections';
	return;
}

# What the scoreboard says of the kept connection, which waits as soon as it has
# come to that.
sub slot {
	my ($self) = @_;
	my $slot;
	for (1 .. 20) {
		my $answer = $self->{daemon}->get('/status?format=json');
		($slot) = eval { grep { $_->{client} =~ /:$self->{port}\z/ }
		    @{decode_json($answer->{body})->{table}} };
		last if $slot && $slot->{state} eq 'waiting';
	}
	return $slot;
}

# What is open, of what size and in whose hands: what must stay the same.
sub look {
	my ($self, $is_first) = @_;
	my $slot = $self->slot;
	$self->settle;
	my ($generation, @more) =
	    Prong::Process::children($self->{daemon}->pid);
	my %open = Prong::Process::descriptors($generation || 0);
	my %now = (
		'generation' => join(' ', $generation || 'none', @more),
		# The log process, and the socket to it, change with a reopening.
		'descriptors' => join(' ', map { "$_:$open{$_}"
		    =~ s/(socket):\S+/$1/r } sort { $a <=> $b } keys %open),
		'connection' => join(' ',
		    Prong::Process::children($generation || 0)),
		'workers' => join(' ',
		    Prong::Process::workers($generation || 0)),
		'slot' => $slot ? join(' ', @$slot{qw(pid state client
		    handler request)}) : 'none',
		'file' => join('', Prong::read_file('other/file'),
		    Prong::read_file('own/file')),
	);
	$self->{before} = { %now } if $is_first;
	$self->{kib} = Prong::Process::unshared_kib($generation || 0);
	return %now;
}

# What honest clients notice beside the hostile one: nothing.
sub honest {
	my ($self) = @_;
	my @noticed;
	for ([ 'kept', $self->{kept} ], [ 'new', $self->{daemon}->connect ]) {
		my ($name, $client) = @$_;
		my $answer = eval { $client->request('GET', '/known') };
		push @noticed, "a $name connection got " . ($answer
		    ? "$answer->{status} and other octets" : "nothing: $@")
		    unless $answer && $answer->{status} == 200
		    && !$answer->{cut} && $answer->{body} eq $self->{known};
	}
	return @noticed;
}

sub noticed {
	my ($self) = @_;
	my @noticed = $self->honest;
	my $kib = $self->{kib};
	my %now = $self->look;
	for my $name (sort keys %now) {
		push @noticed, "$name: $now{$name}, was $self->{before}{$name}"
		    unless $now{$name} eq $self->{before}{$name};
	}
	push @noticed, "the generation has grown from $kib to $self->{kib} KiB"
	    if $self->{kib} > $kib + $growth_kib;
	return @noticed;
}

# A reopening of the logs replaces it.
sub log_process {
	my ($self) = @_;
	return wait_until { Prong::Process::log_process($self->{generation}) }
	    'a log process';
}

# %generation, %master, %sibling and other words for what only this run knows.
sub fill_in {
	my ($self, $text) = @_;
	my %word = (
		config => $self->{config},
		control => $self->{control},
		folder => folder(),
		generation => $self->{generation},
		log => $self->{daemon}{log_path},
		logs => $text =~ /%logs\b/ ? $self->log_process : 0,
		master => $self->{daemon}->pid,
		sibling => $self->{sibling},
		%{$self->{words} || {}},
	);
	$text =~ s/%(\w+)/$word{$1} || die "no word $1"/ge;
	return $text;
}

sub escape {
	my ($text) = @_;
	$text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

# Until the logs have all lines of connections that have ended: a reopening
# writes them first.
sub settle_log {
	my ($self) = @_;
	my $run = Prong::prong('-s', $self->{control}, 'reopen');
	die "prong reopen: $run->{errors}" if $run->{status} != 0;
	return;
}

# Sends a deed; a hash for outcome().
sub send {
	my ($self, $deed, %how) = @_;
	my $target = ($how{at} || '/hostile') . "?do=$deed";
	$target .= '&with=' . escape($self->fill_in($how{with}))
	    if defined $how{with};
	$target .= '&hidden' if $self->{hidden};
	my $client = $self->{daemon}->connect;
	my $log = length $self->{daemon}->log;
	my $version = $how{version} || '1.1';
	$client->send("GET $target HTTP/$version\r\nHost: localhost\r\n"
	    . "Connection: close\r\n\r\n");
	return { client => $client, log => $log };
}

# What the client got, in a word: '500', '503' for the server's page, 'cut',
# 'nothing', 'reset', or the text of an answer.
sub outcome {
	my ($self, $sent) = @_;
	my $client = $sent->{client};
	my $octets = $client->rest;
	$client->close;
	return $client->{reset} ? 'reset' : 'nothing' unless length $octets;
	my $answer = eval { Prong::Answer::take(\$octets, 'GET', 1) }
	    or return "malformed: $octets";
	return 'cut' if $answer->{cut};
	return 'more than an answer' if length $octets;
	return 'reset' if $client->{reset};
	chomp(my $text = $answer->{body});
	return $text if $answer->{status} == 200;
	return $answer->{status}
	    if $text =~ /\A<!DOCTYPE html>.*\b$answer->{status} /s;
	return "$answer->{status}: $text";
}

# The log since then.
sub log_since {
	my ($self, $sent) = @_;
	my $log = $self->{daemon}->log;
	return length $log < $sent->{log} ? $log : substr $log, $sent->{log};
}

# try($deed, %how): tries it, and returns what was not as wanted: {client} is
# what the client gets, {log} a pattern, or undef for silence.
sub try {
	my ($self, $deed, $want, %how) = @_;
	my $sent = $self->send($deed, %how);
	my @wrong = $self->honest;
	my $got = $self->outcome($sent);
	push @wrong, "the client got \"$got\", not \"$want->{client}\""
	    unless ref $want->{client} ? $got =~ $want->{client}
	    : $got eq $want->{client};
	$self->settle;
	push @wrong, $self->noticed unless $want->{noticed};
	$self->settle_log;
	my $log = $self->log_since($sent);
	if (defined $want->{log}) {
		push @wrong, "the log says \"$log\", not $want->{log}"
		    unless $log =~ $want->{log};
	} elsif ($log =~ /(.*\b(?:error|warning): .*)/) {
		push @wrong, "the log says \"$1\"";
	}
	return @wrong;
}

sub stop {
	my ($self) = @_;
	$self->{kept}->close;
	return $self->{daemon}->stop;
}

1;

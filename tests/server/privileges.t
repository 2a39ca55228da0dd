# Who the processes are: what the generation and its connections have given up
# for good, whoever started the master.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/index.html', "hello\n");
my $config = config('access_log = "off"; sites = ( { routes = ( { path = "/"; '
    . 'static = { root = "' . folder('www') . '"; }; } ); } );');

# proc(5): "Uid" => "65534 65534 65534 65534", ...
sub status_of {
	my ($pid) = @_;
	my $text = Prong::Process::slurp("/proc/$pid/status");
	my %status = $text =~ /^(\w+):[ \t]*(.*?)[ \t]*$/mg;
	s/\s+/ /g for values %status;
	return \%status;
}

sub has_dropped {
	my ($pid, $what, $uid, $gid) = @_;
	my $status = status_of($pid);
	is($status->{Uid}, join(' ', ($uid) x 4), "$what has one user");
	is($status->{Gid}, join(' ', ($gid) x 4), 'and one group');
	for (qw(CapInh CapPrm CapEff CapAmb)) {
		like($status->{$_}, qr/\A0+\z/, "$what: $_ is empty");
	}
	is($status->{NoNewPrivs}, 1, 'nothing that it executes has more');
	is(oct $status->{Umask}, 027, 'what it makes is not for others');
	is($status->{Seccomp}, 2, 'system calls are filtered');
	return $status;
}

# Processes of a connection, and workers.
sub serving {
	my ($generation) = @_;
	my @pids = grep { Prong::Process::title($_)
	    !~ /\Aprongd: (?:logs|generation)/ }
	    Prong::Process::living($generation);
	cmp_ok(scalar @pids, '>', 0, 'some process serves');
	return @pids;
}

sub try {
	my ($daemon, $uid, $gid) = @_;
	my ($generation) = Prong::Process::children($daemon->pid);
	my $client = $daemon->connect;
	is($client->request('GET', '/')->{body}, "hello\n",
	    'a client is served');
	my $groups = has_dropped($generation, 'the generation', $uid,
	    $gid)->{Groups};
	for my $pid (serving($generation)) {
		is(has_dropped($pid, 'who serves', $uid, $gid)->{Groups},
		    $groups, 'it has the same groups');
	}
	is($daemon->stop, 0, 'the daemon stops');
	return split ' ', $groups;
}

subtest 'no code of a plugin runs as root' => sub {
	plan skip_all => 'nobody here is root' unless running_as_root;
	my $plugins = Prong::Act::plugin_folder('probe');
	my $daemon = start(config("plugin_dir = \"$plugins\"; sites = ( { "
	    . 'routes = ( { path = "/"; probe = { }; } ); } );'));
	my @loaded = $daemon->log =~ /test=\d .* root=(\d)$/mg;
	cmp_ok(scalar @loaded, '>', 0, 'it tells whenever it is opened');
	is(join(' ', grep { $_ } @loaded), '', 'and was never loaded as root');
	is($daemon->stop, 0, 'the daemon stops');
};

if (running_as_root) {
	my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
	($uid, $gid) = (getpwnam 'prong')[2, 3] if getpwnam 'prong';
	subtest 'started by root, with further groups' => sub {
		local $) = "$) $) 4 6";
		my @groups = try(start($config), $uid, $gid);
		is_deeply([ grep { $_ == 0 || $_ == 4 || $_ == 6 } @groups ],
		    [], 'none of which is left');
	};
} else {
	subtest 'started by an ordinary user' => sub {
		try(start($config), $>, (split ' ', $))[0]);
	};
}

SKIP: {
	skip 'only root can give a capability to another user', 1
	    unless running_as_root;
	skip 'there is no setpriv', 1
	    if system('setpriv --version >/dev/null 2>&1') != 0;
	subtest 'started by a user who may bind low ports' => sub {
		my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
		my $program = write_file('start', "#!/bin/sh\nexec setpriv "
		    . "--reuid $uid --regid $gid --clear-groups --inh-caps "
		    . '+net_bind_service --ambient-caps +net_bind_service '
		    . "$ENV{PRONGD} \"\$@\"\n");
		chmod 0755, $program;
		local $ENV{PRONGD} = $program;
		my $daemon = start($config);
		isnt(status_of($daemon->pid)->{CapEff}, '0' x 16,
		    'the master has it');
		try($daemon, $uid, $gid);
	};
}

done_testing;

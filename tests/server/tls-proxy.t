# Debian's HAProxy and nginx end TLS before prongd, as examples/haproxy-tls.cfg
# and examples/nginx.conf say: handlers see the client's address and https.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Fcntl qw(F_SETFD);
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;

use Prong;
use Prong::Act;
use Prong::Answer;

my ($openssl, $haproxy, $nginx) = map { program($_) } qw(openssl haproxy nginx);
plan skip_all => 'there is no openssl' unless $openssl;
plan skip_all => 'there is neither haproxy nor nginx' unless $haproxy || $nginx;

my $client = '127.0.0.9';
my $tls = folder('tls');
my $plugins = Prong::Act::plugin_folder('act');

sub program {
	my ($name) = @_;
	my ($found) = grep { -x } map { "$_/$name" }
	    split(/:/, $ENV{PATH} || ''), qw(/usr/sbin /usr/local/sbin);
	return $found;
}

{
	my $made = Prong::run($openssl, qw(req -x509 -nodes -days 2 -newkey ec
	    -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost
	    -addext subjectAltName=DNS:localhost), '-keyout', "$tls/www.key",
	    '-out', "$tls/www.pem");
	is($made->{status}, 0, 'a certificate is made') or diag $made->{errors};
	write_file("$tls/both.pem", read_file("$tls/www.pem")
	    . read_file("$tls/www.key"));
}

# The example without its comments, with other addresses and files.
sub adapt {
	my ($example, @changes) = @_;
	my $text = read_file("$ENV{PRONG_SRCDIR}/examples/$example");
	$text =~ s/^\s*#.*\n//mg;
	for (@changes) {
		my ($from, $to) = @$_;
		$text =~ s/$from/$to/ or die "$example has no $from";
	}
	return $text;
}

# The lines of prongd.conf that the comment of the example names.
sub settings_of {
	my ($example) = @_;
	my $text = read_file("$ENV{PRONG_SRCDIR}/examples/$example");
	return join "\n", $text =~ /^#\t(\w+ = .*;)$/mg;
}

# prongd as the example wants it, with its socket in that folder.
sub serve {
	my ($example, $folder) = @_;
	my $settings = settings_of($example);
	$settings =~ s{unix:/run/prong/http}{unix:$folder/http}
	    or die "$example names no socket";
	return start(config(<<"CONF"));
plugin_dir = "$plugins";
$settings
access_log = "$folder/access";
sites = ( { routes = (
  { path = "/act"; act = { }; },
  { path = "/echo"; echo = { }; },
  { path = "/denied"; deny = "$client"; act = { }; } ); } );
CONF
}

# The ports 80 and 443 of the example.
sub listeners {
	return map { IO::Socket::INET->new(LocalHost => '127.0.0.1',
	    Listen => 64) || die "listen: $@" } 1 .. 2;
}

my %running;

# Runs a proxy that inherits these sockets.
sub run_proxy {
	my ($folder, $sockets, @command) = @_;
	open my $log, '>>', "$folder/log" or die "$folder/log: $!";
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		fcntl $_, F_SETFD, 0 for @$sockets;
		POSIX::dup2(fileno $log, $_) for 1, 2;
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	$running{$pid} = $$;
	return $pid;
}

sub end_proxy {
	my ($pid) = @_;
	delete $running{$pid};
	kill 'TERM', $pid;
	waitpid $pid, 0;
	return;
}

END {
	my $status = $?;
	end_proxy($_) for grep { $running{$_} == $$ } keys %running;
	$? = $status;
}

# A request by TLS from the client's address; the certificate is verified.
sub ask_tls {
	my ($port, $target, @fields) = @_;
	my $run = Prong::run($openssl, 's_client', '-quiet', '-connect',
	    "127.0.0.1:$port", '-bind', "$client:0", qw(-servername localhost
	    -verify_hostname localhost -verify_return_error -CAfile),
	    "$tls/www.pem", { input => request('GET', $target,
	    [ @fields, 'Connection: close' ]) });
	my $octets = $run->{output};
	my $answer = eval { Prong::Answer::take(\$octets, 'GET', 1) };
	return $answer || { status => "none: $run->{errors}", body => '' };
}

my $tell = '/act?do=' . join '%7C', map { "tell+$_" } qw(client_port scheme);

# What holds behind both: the redirect to https, and the log.
sub redirects_ok {
	my ($port) = @_;
	my $answer = Prong::Client->new("127.0.0.1:$port")
	    ->request('GET', '/echo?a=b');
	is($answer->{status}, 301, 'a request without TLS is redirected');
	is($answer->field('Location'), 'https://localhost/echo?a=b',
	    'to the same address by https');
}

sub log_ok {
	my ($folder) = @_;
	wait_until { -e "$folder/access" && read_file("$folder/access")
	    =~ /GET \/echo/ } 'a line of the log';
	like(read_file("$folder/access"), qr/^\Q$client\E - - \[.*"GET \/echo/m,
	    'the access log names the client');
	unlike(read_file("$folder/access"), qr/^(?!\Q$client\E )/m,
	    'and nobody else');
}

SKIP: {
	skip 'there is no haproxy', 1 unless $haproxy;
	my $folder = folder('haproxy');
	my $daemon = serve('haproxy-tls.cfg', $folder);
	my ($plain, $secure) = listeners();
	my $fd = fileno $secure;
	my $text = adapt('haproxy-tls.cfg',
	    [ qr/^\tuser haproxy\n\tgroup haproxy\n/m, '' ],
	    [ qr/bind :80$/m, 'bind fd@' . fileno $plain ],
	    [ qr/bind :443 /, "bind fd\@$fd " ],
	    [ qr{/etc/haproxy/www\.pem}, "$tls/both.pem" ],
	    [ qr{unix\@/run/prong/http}, "unix\@$folder/http" ]);
	my $pid = run_proxy($folder, [ $plain, $secure ], $haproxy, '-db', '-f',
	    write_file("$folder/haproxy.cfg", $text));
	my $answer = ask_tls($secure->sockport, $tell);
	is($answer->{status}, 200, 'HAProxy: a request by TLS')
	    or diag read_file("$folder/log");
	like($answer->{body}, qr/\A\[\Q$client\E\]:[1-9]\d*\[https\]\z/,
	    'handlers see the address of the client, its port, and https');
	is(ask_tls($secure->sockport, '/denied')->{status}, 403,
	    'deny is about the client');
	ask_tls($secure->sockport, '/echo');
	redirects_ok($plain->sockport);
	log_ok($folder);
	unlike(read_file("$folder/log"), qr/ALERT/, 'HAProxy has no complaint');
	end_proxy($pid);
	is($daemon->stop, 0, 'the daemon stops');
}

SKIP: {
	skip 'there is no nginx', 1 unless $nginx;
	my $folder = folder('nginx');
	my $daemon = serve('nginx.conf', $folder);
	my @sockets = listeners();
	my ($plain, $secure) = map { $_->sockport } @sockets;
	my $text = adapt('nginx.conf',
	    [ qr/listen 80;/, "listen 127.0.0.1:$plain;" ],
	    [ qr/listen 443 /, "listen 127.0.0.1:$secure " ],
	    [ qr/\tlisten \[::\]:80;\n/, '' ],
	    [ qr/\tlisten \[::\]:443 ssl http2;\n/, '' ],
	    [ qr{/etc/nginx/www\.pem}, "$tls/www.pem" ],
	    [ qr{/etc/nginx/www\.key}, "$tls/www.key" ],
	    [ qr{unix:/run/prong/http}, "unix:$folder/http" ]);
	my $paths = join ' ', map { "${_}_temp_path $folder/$_;" }
	    qw(client_body proxy fastcgi uwsgi scgi);
	my $config = write_file("$folder/nginx.conf", "daemon off;\n"
	    . "worker_processes 1;\npid $folder/pid;\nevents { }\n"
	    . "http { access_log off; $paths\n$text}\n");
	local $ENV{NGINX} = join '', map { fileno($_) . ';' } @sockets;
	my $pid = run_proxy($folder, \@sockets, $nginx, '-p', $folder, '-e',
	    'stderr', '-c', $config);
	my $answer = ask_tls($secure, '/echo', 'X-Forwarded-For: 192.0.2.66',
	    'X-Forwarded-Proto: ftp', 'Forwarded: for=192.0.2.66');
	is($answer->{status}, 200, 'nginx: a request by TLS')
	    or diag read_file("$folder/log");
	like($answer->{body}, qr/^X-Forwarded-For: \Q$client\E$/m,
	    'a field names the client');
	like($answer->{body}, qr/^X-Forwarded-Proto: https$/m,
	    'another one says https');
	unlike($answer->{body}, qr/192\.0\.2\.66|ftp/,
	    'and what the client said of itself is gone');
	redirects_ok($plain);
	log_ok($folder);
	unlike(read_file("$folder/log"), qr/emerg|alert|crit/,
	    'nginx has no complaint');
	end_proxy($pid);
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;

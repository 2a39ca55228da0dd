# static keeps the fields of a response with a file that is kept, and the server
# sends them in one piece where nothing changes them. Each response is the same,
# octet for octet, as one whose fields are set anew (cache = "0").
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;

my $root = folder('www');
my $modified = 784111777;
my $date = 'Sun, 06 Nov 1994 08:49:37 GMT';
for (['f.txt', 'text ' x 20], ['empty.html', ''], ['large.bin', 'l' x 40000],
    ['index.html', 'index'], ['future.txt', 'later'], ['timeless.txt', 'no']) {
	write_file("$root/$_->[0]", $_->[1]);
	utime $modified, $modified, "$root/$_->[0]" or die;
}
utime time + 1000, time + 1000, "$root/future.txt" or die;
utime 0, 0, "$root/timeless.txt" or die;

# What is set for files by the handler, and by the route for all.
my @settings = (
	[ 'no further fields', '', '' ],
	[ 'fields of the handler', 'cache_control = "max-age=60"; fields = '
	    . '[ "X-Of-Handler: a", "Vary: Origin", "Link: </a>" ];', '' ],
	[ 'fields of the route', '', 'fields = [ "X-Of-Route: b", '
	    . '"Vary: Cookie" ];' ],
	[ 'fields of the route in place of others',
	    'cache_control = "max-age=60"; fields = [ "X-Of-Both: a", '
	    . '"Vary: Origin" ];', 'fields = [ "Cache-Control: no-store", '
	    . '"X-Of-Both: b", "Vary: Cookie" ];' ],
	[ 'a server of the route', '', 'fields = [ "Server: other" ];' ],
	[ 'a server of the handler', 'fields = [ "Server: other" ];', '' ],
	[ 'ranges of the handler', 'fields = [ "Accept-Ranges: none" ];', '' ],
	[ 'tags of the content', 'etag = "content";', '' ],
	[ 'siblings', 'precompressed = true;', '' ],
);

my $routes = '';
for my $i (0 .. $#settings) {
	my (undef, $handler, $route) = @{$settings[$i]};
	for (['kept', ''], ['made', 'cache = "0";']) {
		my ($name, $cache) = @$_;
		$routes .= qq({ path = "/$name$i"; $route
		    static = { root = "$root"; $cache $handler }; },\n);
	}
}
$routes =~ s/,\n\z//;

my $written = time;
wait_until { time > $written + 3 } 'the files are no longer new';
my $daemon = start(config("max_requests = 0;\n"
    . "sites = ( { routes = (\n$routes\n); } );"));
my %client = map { $_ => $daemon->connect } 'kept', 'made';

# The response, and nothing that differs by chance.
sub answer {
	my ($kind, $i, $method, $file, $version, $fields) = @_;
	my $client = $client{$kind};
	$client->send("$method /$kind$i/$file HTTP/$version\r\nHost: a\r\n"
	    . join('', map { "$_\r\n" } @$fields) . "\r\n");
	my $answer = $client->answer($method);
	my $octets = $answer->{head} . $answer->{body};
	$octets =~ s/^Date: .*\r\n/Date\r\n/m;
	my ($boundary) = $octets =~ /boundary=([0-9a-f]+)/;
	$octets =~ s/\Q$boundary\E/BOUNDARY/g if $boundary;
	my $now = $file eq 'future.txt';
	$octets =~ s/^Last-Modified: .*\r\n/Last-Modified\r\n/m if $now;
	return $octets;
}

my @requests = (
	[ 'GET', '1.1' ],
	[ 'HEAD', '1.1' ],
	[ 'GET', '1.0', 'Connection: keep-alive' ],
	[ 'GET', '1.1', 'If-None-Match: *' ],
	[ 'GET', '1.1', 'If-None-Match: "other"' ],
	[ 'GET', '1.1', "If-Modified-Since: $date" ],
	[ 'HEAD', '1.1', "If-Modified-Since: $date" ],
	[ 'GET', '1.1', 'If-Match: "other"' ],
	[ 'GET', '1.1', 'Range: bytes=0-3' ],
	[ 'HEAD', '1.1', 'Range: bytes=0-3' ],
	[ 'GET', '1.1', 'Range: bytes=-1' ],
	[ 'GET', '1.1', 'Range: bytes=0-1,5-6' ],
	[ 'GET', '1.1', 'Range: bytes=99999-' ],
	[ 'GET', '1.1', 'Range: bytes=0-3', "If-Range: $date" ],
	[ 'GET', '1.1', 'Range: bytes=0-3', 'If-Range: "other"' ],
	[ 'GET', '1.1', 'Accept-Encoding: gzip' ],
	[ 'POST', '1.1', 'Content-Length: 0' ],
	[ 'OPTIONS', '1.1' ],
);

for my $i (0 .. $#settings) {
	my @differ;
	for my $file ('f.txt', 'empty.html', 'large.bin', '', 'future.txt',
	    'timeless.txt') {
		for (@requests) {
			my ($method, $version, @fields) = @$_;
			my @request = ($i, $method, $file, $version, \@fields);
			# Twice: a file that was kept for long is opened anew.
			my ($made) = map { answer('made', @request) } 1, 2;
			answer('kept', $i, 'GET', $file, '1.1', []) for 1 .. 3;
			my $kept = answer('kept', @request);
			push @differ, "$method $file @fields:\n$kept$made"
			    if $kept ne $made;
		}
	}
	is(scalar @differ, 0, "with $settings[$i][0] all responses are the same")
	    or diag($differ[0]);
}

done_testing();

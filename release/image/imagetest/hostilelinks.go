package imagetest

import "archive/tar"

// HostileLinks are images whose links lead nowhere, in circles, or out of them.
func HostileLinks() []Hostile {
	loop := []Entry{page(), Symlink(webRoot+"a", "b"), Symlink(webRoot+"b", "a")}
	var chain []Entry
	for i := range 45 {
		chain = append(chain, Symlink(webRoot+"l"+string(rune('A'+i)), "l"+string(rune('A'+i+1))))
	}
	return []Hostile{
		{"a link to nothing", [][]Entry{{page(), Symlink(webRoot+"a", "none")}}, `entry "a" is a link to "none", which is not in the image`},
		{"a link to what was removed", [][]Entry{{page(), File("x", "x"), Symlink(webRoot+"a", "/x")}, {File(".wh.x", "")}}, "which is not in the image"},
		{"a link below a file", [][]Entry{{page(), Symlink(webRoot+"a", "index.html/b")}}, "which is not in the image"},
		{"a link out of the image", [][]Entry{{page(), Symlink(webRoot+"a", "../../../../../etc/passwd")}}, `entry "a" leads out of the image`},
		{"an absolute link out of the image", [][]Entry{{page(), Symlink(webRoot+"a", "/../etc/passwd")}}, "leads out of the image"},
		{"a link out of the image and back", [][]Entry{{page(), Symlink(webRoot+"a", "../../../../../usr/share/nginx/html/index.html")}}, "leads out of the image"},
		{"a link out of the image by a link", [][]Entry{{page(), Symlink("up", ".."), Symlink(webRoot+"a", "/up/x")}}, "leads out of the image"},
		{"a link to itself", [][]Entry{{page(), Symlink(webRoot+"a", "a")}}, "more than 40 links"},
		{"a circle of links", [][]Entry{loop}, "more than 40 links"},
		{"a chain of links", [][]Entry{append(chain, page())}, "more than 40 links"},
		{"a link to its folder", [][]Entry{{page(), Symlink(webRoot+"a", ".")}}, "a folder that it is itself in"},
		{"a link to a folder above", [][]Entry{{page(), Symlink(webRoot+"a/b/c", "../..")}}, "a folder that it is itself in"},
		{"a link to the root", [][]Entry{{page(), Symlink(webRoot+"a", "/")}}, "a folder that it is itself in"},
		{"links that double with each folder", [][]Entry{doubling()}, "more than 100 entries"},
		{"a link to a device", [][]Entry{{page(), Node(tar.TypeChar, "dev/null"), Symlink(webRoot+"a", "/dev/null")}}, `entry "a" is a device`},
		{"a hard link to nothing", [][]Entry{{page(), Hardlink(webRoot+"a", "none")}}, `entry "a" is a hard link to "none", which is not there`},
		{"a hard link to what only a layer above has", [][]Entry{{page(), Hardlink(webRoot+"a", "x")}, {File("x", "x")}}, "which is not there"},
		{"a hard link to itself", [][]Entry{{page(), Hardlink(webRoot+"a", webRoot+"a")}}, "more than 40 links"},
		{"a circle of hard links", [][]Entry{{page(), Hardlink(webRoot+"a", webRoot+"b"), Hardlink(webRoot+"b", webRoot+"a")}}, "more than 40 links"},
		{"a hard link out of the image", [][]Entry{{page(), Hardlink(webRoot+"a", "../etc/passwd")}}, "leads out of the image"},
		{"an absolute hard link", [][]Entry{{page(), File("x", "x"), Hardlink(webRoot+"a", "/x")}}, "absolute name"},
		{"a hard link to a folder", [][]Entry{{page(), Dir("d"), Hardlink(webRoot+"a", "d")}}, `a hard link to the folder "d"`},
	}
}

// doubling is folders in each of which two links lead to the next.
func doubling() []Entry {
	entries := []Entry{page(), Symlink(webRoot+"d", "/d0")}
	for i := range 20 {
		here, next := "d"+string(rune('0'+i)), "/d"+string(rune('0'+i+1))
		entries = append(entries, Dir(here), Symlink(here+"/l", next), Symlink(here+"/r", next))
	}
	return append(entries, Dir("d"+string(rune('0'+20))))
}
